import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { encodeCommitment } from '../../src/commit/commitment.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import type { Signer } from '../../src/core/chain.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import type { Contribution } from '../../src/datasets/contributions.ts';
import { parseDatasetManifest } from '../../src/datasets/dataset-manifest.ts';
import type { CommitRef } from '../../src/datasets/dataset-manifest.ts';
import type { VerifyReport } from '../../src/datasets/verify.ts';
import { useCli } from '../cli/run.ts';
import { contribution } from '../datasets/contributions.ts';
import { sampleRecords } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';

/*
 * Two miners commit on a development chain; a dataset of their rows is verified by what a person would type, against that chain.
 */

const NETUID = 2;
const TAO = 1_000_000_000;
const dir = tempDir();
const { run } = useCli();
const rows = sampleRecords(30);
let server: DevelopmentChain;
let chain: Chain;
let ada: Signer;
let bob: Signer;
let honest: Contribution[];

beforeAll(async () => {
  ada = await openDevelopmentKey({ uri: '//Ada', development: true });
  bob = await openDevelopmentKey({ uri: '//Bob', development: true });
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'instant' },
    log: () => undefined,
    genesis: {
      endowed: [ada, bob].map(({ address }) => ({ address, rao: 1000 * TAO })),
      sudo: ada.address,
      subnets: [{ netuid: NETUID, owner: ada.address, tempo: 40, servingRateLimit: 0, weightsSetRateLimit: 5 }],
    },
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  for (const signer of [ada, bob]) await chain.register({ netuid: NETUID, hotkey: signer.address, signer });
  const half = rows.length / 2;
  honest = [await committed(rows.slice(0, half), ada), await committed(rows.slice(half), bob)];
});

afterAll(async () => {
  await chain.close();
  await server.close();
});

/** These rows as a contribution whose manifest the signer has committed. */
async function committed(part: typeof rows, signer: Signer): Promise<Contribution> {
  const { address: hotkey } = signer;
  const manifest = contribution(part, { hotkey, block: 0, event: 0 }).commit.manifest;
  const data = encodeCommitment({ manifest, seq: 0, rows: part.length, locator: '' });
  const { block } = await chain.commit({ netuid: NETUID, data, signer });
  const made = await chain.commitsIn(NETUID, block.number);
  const event = made.find((each) => each.hotkey === hotkey)?.event;
  if (event === undefined) throw new Error('the chain has no such commitment');
  return contribution(part, { hotkey, block: block.number, event });
}

let built = 0;

/** A dataset of the honest rows, whose first commit is told otherwise than it was. */
async function datasetWith(changes: Partial<CommitRef> = {}): Promise<string> {
  const [first, ...others] = honest as [Contribution, ...Contribution[]];
  const recipe = { name: 'docs', title: 'Docs', description: 'Rows for tests.', license: 'other', filters: {} };
  const contributions = [{ ...first, commit: { ...first.commit, ...changes } }, ...others];
  const outDir = join(dir, `dataset-${built++}`);
  await buildDataset({ recipe, contributions, outDir });
  return outDir;
}

async function seine(...args: string[]): Promise<{ exitCode: number; report: VerifyReport }> {
  const { exitCode, stdout } = await run([...args, '--json'], { SUBTENSOR_ENDPOINT: server.endpoint });
  return { exitCode, report: JSON.parse(stdout) as VerifyReport };
}

const wrong = ({ checks }: VerifyReport): string[] => checks.filter(({ ok }) => !ok).map(({ why }) => why);

describe('seine dataset verify, against a chain', () => {
  it('accepts a dataset whose commits were made', async () => {
    const folder = await datasetWith();
    const { exitCode, report } = await seine('dataset', 'verify', folder);
    expect([wrong(report), exitCode]).toEqual([[], 0]);
    expect(report).toMatchObject({ ok: true, chain: true, rows: rows.length });
  });

  it.each<[string, (honest: CommitRef) => Partial<CommitRef>]>([
    ['in the block before', ({ block }) => ({ block: block - 1 })],
    ['in the block after', ({ block }) => ({ block: block + 1 })],
    ['at another event', ({ event }) => ({ event: event + 1 })],
  ])('refuses a commit that its hotkey did not make there: %s', async (_, change) => {
    const folder = await datasetWith(change(honest[0]!.commit));
    const { exitCode, report } = await seine('dataset', 'verify', folder);
    expect([wrong(report), exitCode]).toEqual([['the chain has no such commitment'], 1]);
    expect((await seine('dataset', 'verify', folder, '--offline')).report).toMatchObject({ ok: true, chain: false });
  });

  it('refuses rows that are said to be of a manifest which the hotkey never committed', async () => {
    const [first] = honest as [Contribution];
    const never = contribution(rows.slice(0, 3), { ...first.commit });
    const outDir = join(dir, 'never');
    const recipe = { name: 'docs', title: 'Docs', description: 'Rows for tests.', license: 'other', filters: {} };
    await buildDataset({ recipe, contributions: [never], outDir });
    const { exitCode, report } = await seine('dataset', 'verify', outDir);
    expect(exitCode).toBe(1);
    expect(wrong(report)).toEqual([expect.stringContaining('manifest on chain') as string]);
  });

  it("refuses a miner's own rows under a commitment that is another's", async () => {
    const [first, second] = honest as [Contribution, Contribution];
    const { block, event } = second.commit;
    const folder = await datasetWith({ block, event });
    const { exitCode, report } = await seine('dataset', 'verify', folder);
    expect([wrong(report), exitCode]).toEqual([['the chain has no such commitment'], 1]);
    expect(first.commit.hotkey).not.toBe(second.commit.hotkey);
  });

  it('holds to the digest that the reader knows from elsewhere', async () => {
    const folder = await datasetWith();
    const digest = sha256Hex(await readFile(join(folder, 'manifest.json')));
    expect((await seine('dataset', 'verify', folder, '--manifest', digest)).exitCode).toBe(0);
    expect((await seine('dataset', 'verify', folder, '--manifest', '0'.repeat(64))).exitCode).toBe(1);
  });
});

describe('seine dataset verify-proof --chain', () => {
  it('accepts a row that was committed, and refuses one whose commit was not made', async () => {
    for (const [changes, exitCode] of [
      [{}, 0],
      [{ event: 99 }, 1],
    ] as const) {
      const folder = await datasetWith(changes);
      const manifest = parseDatasetManifest(await readFile(join(folder, 'manifest.json'), 'utf8'));
      expect(manifest.commits).toHaveLength(2);
      const file = join(dir, `proof-${exitCode}.json`);
      await run(['dataset', 'prove', folder, rows[0]!.id, '--out', file]);
      expect((await seine('dataset', 'verify-proof', file)).exitCode).toBe(0);
      expect((await seine('dataset', 'verify-proof', file, '--chain')).exitCode).toBe(exitCode);
    }
  });
});
