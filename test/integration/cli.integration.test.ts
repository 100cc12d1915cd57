import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openCommitIndex } from '../../src/commit/indexer/commit-index.ts';
import type { IndexedCommit } from '../../src/commit/indexer/indexed-commit.ts';
import { startSignerServer } from '../../src/commit/keys/signer-server.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import type { Signer } from '../../src/core/chain.ts';
import { useCli, type Ran } from '../cli/run.ts';
import { useStack } from '../support/stack.ts';

/*
 * The commands that read the chain and sign, on a development chain of their own. Alice pays and is her own hotkey, as a development seed is.
 */

const TAO = 1_000_000_000;
const { run, folder } = useCli();
let dir: string;
let server: DevelopmentChain;
let chain: Chain;
let alice: Signer;
let env: Record<string, string>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-cli-'));
  alice = await openDevelopmentKey({ uri: '//Alice', development: true });
  const bob = await openDevelopmentKey({ uri: '//Bob', development: true });
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'instant' },
    log: () => undefined,
    genesis: {
      endowed: [{ address: alice.address, rao: 1000 * TAO }],
      sudo: alice.address,
      subnets: [{ netuid: 1, owner: bob.address, tempo: 40, servingRateLimit: 0, weightsSetRateLimit: 5 }],
    },
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  const { redisIndex, redisState } = useStack();
  env = {
    SUBTENSOR_ENDPOINT: server.endpoint,
    SEINE_DEV: 'true',
    SEINE_WALLET_DEV_SEED: '//Alice',
    REDIS_INDEX_URL: redisIndex,
    REDIS_STATE_URL: redisState,
  };
});

afterAll(async () => {
  await chain.close();
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

const seine = (command: string, input?: Parameters<typeof run>[2]): Promise<Ran> => run(command.split(' '), env, input);

async function json(command: string, exitCode = 0): Promise<Record<string, unknown>> {
  const ran = await seine(`${command} --json`);
  expect([ran.exitCode, ran.exitCode === exitCode ? '' : ran.stderr + ran.stdout]).toEqual([exitCode, '']);
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

describe('before anything is registered', () => {
  it('says what registering costs and sends nothing', async () => {
    const before = await chain.balance(alice.address);
    const dry = await json('subnet register --dry-run');
    expect(dry).toMatchObject({ signer: alice.address, sent: false, obstacles: [], done: false });
    expect(dry['args']).toMatchObject({ netuid: 1, hotkey: alice.address });
    expect(BigInt(dry['fee_rao'] as string)).toBeGreaterThanOrEqual(0n);
    expect(await chain.balance(alice.address)).toBe(before);
    expect(await chain.metagraph(1)).toEqual([]);
  });

  it('asks before it pays, and pays nothing without a yes', async () => {
    const silent = await seine('subnet register');
    expect(silent.exitCode).toBe(2);
    expect(silent.stderr).toContain('--yes');
    const no = await seine('subnet register', { typed: ['n'] });
    expect([no.exitCode, no.stderr.includes('nothing was sent')]).toEqual([2, true]);
    expect(await chain.metagraph(1)).toEqual([]);
  });

  it('says what is in the way of an axon and of weights', async () => {
    const dry = await json('subnet serve-axon --ip 192.0.2.1 --port 8091 --dry-run', 1);
    expect(dry['obstacles']).not.toEqual([]);
    const refused = await seine('subnet serve-axon --ip 192.0.2.1 --port 8091');
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('regist') as string]);
    const weights = await json('weights check', 1);
    expect((weights['obstacles'] as { rule: string }[]).map(({ rule }) => rule)).toContain('registration');
  });
});

describe('a dry run of a role', () => {
  it.each([
    ['miner', ['subtensorModule.serveAxon', 'commitments.setCommitment']],
    ['validator', ['subtensorModule.setWeights']],
  ])('of a %s shows its calls with arguments, fee and obstacles', async (role, calls) => {
    const found = (await json(`${role} --dry-run`, 1))['calls'] as {
      call: string;
      args: object;
      obstacles: object[];
    }[];
    expect(found.map(({ call }) => call)).toEqual(calls);
    for (const { args, obstacles } of found) {
      expect(args).toMatchObject({ netuid: 1 });
      expect(obstacles).not.toEqual([]);
    }
    const shown = await seine(`${role} --dry-run`);
    expect(shown.stdout).toContain('Would be refused');
    expect(shown.stdout).toMatch(/fee +[\d.]+ TAO/);
  });
});

it('a dry run of a validator that challenges miners shows the commitment of its secrets', async () => {
  const challenging = { ...env, SEINE_VALIDATOR_CHECKERS_FILE: 'checkers.toml' };
  const { stdout } = await run(['validator', '--dry-run', '--json'], challenging);
  const { calls } = JSON.parse(stdout) as { calls: { call: string; args: object }[] };
  expect(calls.map(({ call }) => call)).toEqual(['commitments.setCommitment', 'subtensorModule.setWeights']);
  expect(JSON.stringify(calls[0]?.args)).toContain(Buffer.from('p1:').toString('hex'));
});

describe('an operator sets up', () => {
  it('registers, once', async () => {
    const yes = await seine('subnet register', { typed: ['y'] });
    expect([yes.exitCode, yes.stdout]).toEqual([0, expect.stringContaining('uid 0 of subnet 1') as string]);
    const before = await chain.balance(alice.address);
    expect(await json('subnet register --yes')).toMatchObject({ sent: false, done: true });
    expect(await chain.balance(alice.address)).toBe(before);
  });

  it('puts on chain where it serves', async () => {
    expect(await json('subnet serve-axon --ip 127.0.0.1 --port 8091')).toMatchObject({ sent: true });
    expect((await chain.metagraph(1))[0]?.axon).toEqual({ ip: '127.0.0.1', port: 8091 });
  });

  it('stakes and takes back', async () => {
    const dry = await json('subnet stake add 5 --dry-run');
    expect(dry).toMatchObject({ sent: false, obstacles: [] });
    const before = (await chain.metagraph(1))[0]?.stake ?? 0n;
    expect(await json('subnet stake add 5 --yes')).toMatchObject({ sent: true });
    const staked = (await chain.metagraph(1))[0]?.stake ?? 0n;
    expect(staked - before).toBeGreaterThan(0n);
    expect(await json('subnet stake remove 1.5 --yes')).toMatchObject({ sent: true });
    expect((await chain.metagraph(1))[0]?.stake ?? 0n).toBeLessThan(staked);
    const tooMuch = await seine('subnet stake remove 900000 --yes');
    expect(tooMuch.exitCode).toBe(1);
  });

  it('shows the subnet, its people and permits', async () => {
    expect((await json('subnet list'))['subnets']).toMatchObject([{ netuid: 1, tempo: 40 }]);
    expect(await json('subnet show')).toMatchObject({ netuid: 1, tempo: 40, shape: { specName: 'node-subtensor' } });
    expect((await json('subnet metagraph'))['neurons']).toMatchObject([
      { uid: 0, hotkey: alice.address, axon: { ip: '127.0.0.1', port: 8091 } },
    ]);
    expect(await json('subnet permits')).toMatchObject({ own: { uid: 0 } });
    expect((await seine('subnet show --set netuid=9')).stderr).toContain('seine subnet list');
    expect(await json('wallet show')).toMatchObject({ hotkey: alice.address });
  });
});

describe('commitments and weights', () => {
  it('shows the meter, and what is committed', async () => {
    const fresh = await json('commit status');
    expect(fresh).toMatchObject({ usedBytes: 0, waiting: [], fits: true });
    const data = `s1:${'A'.repeat(43)}:0:2s:`;
    const { block } = await chain.commit({ netuid: 1, data, signer: alice });
    expect(await json('commit status')).toMatchObject({ usedBytes: 100, left_commits: 30 });
    const { commits } = (await json(`commit list --since ${block.number} --digest 0000`)) as { commits: object[] };
    expect(commits).toMatchObject([{ kind: 'manifest', digest: '0'.repeat(64), seq: 0, rows: 100 }]);
    await chain.commit({ netuid: 1, data: 'https://example.org/dataset', signer: alice });
    const legacy = (await json('commit list --legacy')) as { commits: object[] };
    expect(legacy.commits).toMatchObject([{ kind: 'legacy', data: 'https://example.org/dataset' }]);
    expect((await json(`commit list --since 2100-01-01`))['commits']).toEqual([]);
    expect((await seine('commit list --legacy')).stdout).toContain('unverifiable');
  });

  it('shows weights, and says when the chain takes the next', async () => {
    expect(await json('weights show')).toMatchObject({ uid: 0, hotkey: alice.address, weights: [] });
    const self = { netuid: 1, uids: [0], weights: [65_535], versionKey: 0 };
    await chain.setWeights({ ...self, signer: alice });
    expect((await json('weights show --uid 0'))['weights']).toEqual([{ uid: 0, value: 65_535, share: 1 }]);
    const check = await json('weights check', 1);
    const limit = (check['obstacles'] as { rule: string; passesAtBlock: number }[]).find(
      ({ rule }) => rule === 'rate_limit',
    );
    expect(limit?.passesAtBlock).toBeGreaterThan(check['block'] as number);
  });
});

describe("a validator's index", () => {
  it('is searched by source, digest and time, and shows what the chain no longer holds', async () => {
    const index = await openCommitIndex({ url: env['REDIS_INDEX_URL'] ?? '', hotkey: alice.address, netuid: 1 });
    const known: IndexedCommit = {
      ...{
        netuid: 1,
        hotkey: alice.address,
        registered: 1,
        uid: 0,
        block: 7,
        blockHash: '0x7',
        event: 2,
        anchoredAt: 7,
      },
      ...{ time: 1_800_000_000_000_000, kind: 'manifest', digest: 'ab'.repeat(32), seq: 3, rows: 5, locator: '' },
      ...{ data: 's1:…', round: null, revealed: null, sources: ['web'], carries: [] },
    };
    await index.put([known]);
    await index.close();
    const found = async (more: string) => ((await json(`commit list --index ${more}`))['commits'] as object[]).length;
    expect(await found('--source web')).toBe(1);
    expect(await found('--source reddit')).toBe(0);
    expect(await found('--digest abab')).toBe(1);
    expect(await found('--digest abac')).toBe(0);
    expect(await found('--since 8')).toBe(0);
    expect(await found('--since 2027-01-01')).toBe(1);
    expect(await found('--since 2028-01-01')).toBe(0);
  });
});

describe('a signer process', () => {
  it('signs what is sent to the chain, though this process has no key', async () => {
    const socketPath = join(folder(), 'signer.sock');
    const signer = await startSignerServer({
      signer: alice,
      listen: { socketPath, groupMaySign: false },
      log: () => undefined,
    });
    try {
      const outside = {
        SUBTENSOR_ENDPOINT: server.endpoint,
        SEINE_WALLET_SIGNER_URL: signer.url,
      };
      const ran = await run(['subnet', 'serve-axon', '--ip', '127.0.0.1', '--port', '8092'], outside);
      expect([ran.exitCode, ran.stderr.includes('error')]).toEqual([0, false]);
      expect((await chain.metagraph(1))[0]?.axon).toEqual({ ip: '127.0.0.1', port: 8092 });
    } finally {
      await signer.close();
    }
  });
});
