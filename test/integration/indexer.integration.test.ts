import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { encodeCommitment } from '../../src/commit/commitment.ts';
import { openCommitIndex } from '../../src/commit/indexer/commit-index.ts';
import type { CommitIndex } from '../../src/commit/indexer/commit-index.ts';
import { fromBlock } from '../../src/commit/indexer/indexed-commit.ts';
import type { IndexedCommit } from '../../src/commit/indexer/indexed-commit.ts';
import { createIndexer } from '../../src/commit/indexer/indexer.ts';
import type { Indexer } from '../../src/commit/indexer/indexer.ts';
import { previousAnchor } from '../../src/commit/indexer/previous-anchor.ts';
import { recoverOverwritten } from '../../src/commit/indexer/recover.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { manifestDigest } from '../../src/commit/manifest.ts';
import { encryptCommitment } from '../../src/commit/timelock/commitment-payload.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { SeineError } from '../../src/core/errors.ts';
import type { Signer } from '../../src/core/chain.ts';
import { roundAt } from '../../src/core/drand/beacon.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { exampleManifest, HOTKEY } from '../commit/support/example-manifest.ts';
import { chainHistory, NETUID } from '../commit/support/test-miner.ts';
import { useStack } from '../support/stack.ts';

const STATE_BLOCKS = 40;
const PATIENT = { timeout: 60_000 };
const TAO = 1_000_000_000;
const NAMES = ['One', 'Two', 'Three', 'Four'] as const;

let dir: string;
let server: DevelopmentChain;
/** A node that prunes, and the same with an archive node beside it. */
let pruned: Chain;
let archive: Chain;
let keys: Record<(typeof NAMES)[number], Signer>;
const opened: CommitIndex[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-indexer-'));
  const entries = await Promise.all(
    NAMES.map(async (name) => [name, await openDevelopmentKey({ uri: `//${name}`, development: true })] as const),
  );
  keys = Object.fromEntries(entries) as typeof keys;
  const addresses = entries.map(([, { address }]) => address);
  server = await startChain({
    ...{ dir: join(dir, 'chain'), port: 0, archivePort: 0, stateBlocks: STATE_BLOCKS },
    ...{ blocks: { mode: 'instant' }, log: () => undefined },
    genesis: {
      endowed: addresses.map((address) => ({ address, rao: TAO })),
      sudo: keys.One.address,
      beacon: { periodSeconds: 1 },
      maxSpace: 1_000_000,
      subnets: [{ netuid: NETUID, owner: keys.One.address, tempo: 10_000 }],
      neurons: addresses.map((hotkey) => ({ netuid: NETUID, hotkey, coldkey: keys.One.address })),
    },
  });
  pruned = await connectChain({ endpoints: [server.endpoint] });
  archive = await connectChain({ endpoints: [server.endpoint], archive: server.archiveEndpoint });
});

afterAll(async () => {
  await Promise.all([pruned.close(), archive.close(), ...opened.map((index) => index.close())]);
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(() => server.setFinality(0));

const RUN = `test-${Date.now()}`;
let indexes = 0;
async function newIndex(): Promise<CommitIndex> {
  indexes += 1;
  const hotkey = `${RUN}-${indexes}`;
  const index = await openCommitIndex({ url: useStack().redisIndex, hotkey, netuid: NETUID });
  opened.push(index);
  return index;
}

async function newIndexer(chain: Chain): Promise<{ index: CommitIndex; indexer: Indexer; read: () => Promise<void> }> {
  const index = await newIndex();
  const indexer = createIndexer({ chain, index, netuid: NETUID });
  const from = (await chain.finalized()).number + 1;
  return { index, indexer, read: async () => indexer.readTo((await chain.finalized()).number, { from }) };
}

let miners = 0;
/** Manifests of a miner, each after the last. */
function miner(name: (typeof NAMES)[number]) {
  const manifests: { digest: string; manifest: Manifest }[] = [];
  const signer = keys[name];
  const created_at = (miners += 1); // no two have a manifest in common
  return {
    manifests,
    hotkey: signer.address,
    seal(): string {
      const last = manifests.at(-1);
      const place = { seq: manifests.length, previous: last?.digest ?? null };
      const manifest = exampleManifest({ hotkey: signer.address, netuid: NETUID, created_at, ...place });
      const digest = manifestDigest(manifest);
      manifests.push({ digest, manifest });
      return digest;
    },
    async commit(): Promise<number> {
      const manifest = this.seal();
      const data = encodeCommitment({ manifest, seq: manifests.length - 1, rows: 10, locator: '' });
      return (await archive.commit({ netuid: NETUID, data, signer })).block.number;
    },
  };
}

function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

async function write(name: (typeof NAMES)[number], data: string): Promise<number> {
  return (await archive.commit({ netuid: NETUID, data, signer: keys[name] })).block.number;
}

async function everything(index: CommitIndex): Promise<IndexedCommit[]> {
  const found: IndexedCommit[] = [];
  for (let after: number | undefined; ;) {
    const page = await index.search(after === undefined ? { limit: 3 } : { after, limit: 3 });
    found.push(...page.commits);
    if (page.next === null) return found;
    after = page.next;
  }
}

describe('an indexer that follows', () => {
  it('has every commitment of every kind at its block, and goes on where it stopped', async () => {
    const { index, read } = await newIndexer(pruned);
    const start = (await pruned.finalized()).number;
    const one = miner('One');
    await one.commit();
    await write('Two', 'https://huggingface.co/datasets/someone/something');
    await read();
    const readUpTo = await index.readUpTo();
    await one.commit();
    await read();
    await read();
    const own = (await chainHistory(archive)).filter(({ block }) => block > start);
    const times = await Promise.all(own.map(({ blockHash }) => archive.timestamp(blockHash)));
    expect(await everything(index)).toEqual(own.map((commit, at) => fromBlock(commit, times[at] ?? 0)));
    expect((await everything(index)).map(({ kind }) => kind)).toEqual(['manifest', 'legacy', 'manifest']);
    expect(await index.readUpTo()).toBe((readUpTo ?? 0) + 1);
  });

  it('does not mind being cut off between documents and cursor, nor two at once', async () => {
    const { index, indexer, read } = await newIndexer(pruned);
    const start = (await pruned.finalized()).number;
    const two = miner('Two');
    await two.commit();
    const broken = createIndexer({
      chain: pruned,
      index: { ...index, setReadUpTo: () => Promise.reject(new Error('cut off')) },
      netuid: NETUID,
    });
    await expect(broken.readTo(start + 1, { from: start + 1 })).rejects.toThrow('cut off');
    expect(await index.readUpTo()).toBeNull();
    await index.describe({ hotkey: two.hotkey, registered: 0, block: start + 1 }, { sources: ['web'], carries: [] });
    await Promise.all([read(), indexer.readTo(start + 1, { from: start + 1 })]);
    const own = (await everything(index)).filter(({ block }) => block > start);
    expect(own).toMatchObject([{ block: start + 1, sources: ['web'] }]);
  });

  it('sees final blocks only, whatever is reorganised', async () => {
    await server.setFinality(6);
    const { index, read } = await newIndexer(pruned);
    for (const transactions of ['drop', 'requeue'] as const) {
      const publication = write('Three', `https://host/${transactions}`);
      await expect
        .poll(async () => (await pruned.heldCommit(NETUID, keys.Three.address))?.data ?? '', PATIENT)
        .toMatch(transactions);
      await read();
      expect((await everything(index)).some(({ data }) => data.includes(transactions))).toBe(false);
      await server.reorganise({ depth: 1, transactions });
      let done = false;
      void publication.then(() => (done = true));
      await expect
        .poll(async () => {
          await server.newBlocks(1);
          await read();
          return done;
        }, PATIENT)
        .toBe(true);
      const block = await publication;
      await read();
      expect(await everything(index)).toContainEqual(
        expect.objectContaining({ block, data: `https://host/${transactions}` }),
      );
    }
    expect((await everything(index)).filter(({ hotkey }) => hotkey === keys.Three.address)).toHaveLength(2);
  });

  it('shows what is time-locked with its round, and its text once the chain has revealed it', async () => {
    const { index, read } = await newIndexer(pruned);
    const beacon = await pruned.beacon();
    const round = roundAt(beacon, Date.now() / 1000) + 4;
    const data = encryptCommitment({ text: 'sealed offer', beacon, round });
    await archive.commitTimelocked({ netuid: NETUID, data, round, signer: keys.Four });
    await read();
    const own = async () => (await everything(index)).filter(({ hotkey }) => hotkey === keys.Four.address);
    expect(await own()).toMatchObject([{ kind: 'timelocked', round, data: '', revealed: null, digest: null }]);
    await expect
      .poll(async () => {
        await server.newBlocks(1);
        await read();
        return (await own()).map(({ revealed }) => revealed);
      }, PATIENT)
      .toEqual(['sealed offer']);
  });

  it('begins with what was committed before', async () => {
    const one = miner('One');
    const block = await one.commit();
    await server.newBlocks(3);
    const { index, read } = await newIndexer(pruned);
    await one.commit();
    await read();
    const before = await index.anchoredBefore(one.hotkey, block + 4);
    expect(before).toMatchObject({ block, seq: 0, digest: one.manifests[0]?.digest });
  });
});

describe('an indexer that was down for 1,000 blocks', () => {
  const [one, two] = [lazy(() => miner('One')), lazy(() => miner('Two'))];
  let start: number;
  let blocks: number[];
  let withArchive: Awaited<ReturnType<typeof newIndexer>>;
  let without: typeof withArchive;

  beforeAll(async () => {
    start = (await archive.finalized()).number;
    [withArchive, without] = [await newIndexer(archive), await newIndexer(pruned)];
    await one().commit();
    await Promise.all([withArchive.read(), without.read()]);
    blocks = [];
    for (let turn = 0; turn < 5; turn++) {
      await server.newBlocks(198);
      blocks.push(await one().commit());
      if (turn < 3) await two().commit();
    }
    await server.newBlocks(STATE_BLOCKS + 2);
  }, 600_000);

  it('has them from an archive node, all of them', async () => {
    const { index, read } = withArchive;
    await read();
    const own = (await chainHistory(archive)).filter(({ block }) => block > start);
    expect(own).toHaveLength(9);
    const found = (await everything(index)).filter(({ block }) => block > start);
    expect(found.map(({ block, event, data }) => ({ block, event, data }))).toEqual(
      own.map(({ block, event, data }) => ({ block, event, data })),
    );
    expect(await index.gaps.all()).toEqual([]);
  }, 240_000);

  it('has what is still held from a node that prunes, finds the overwritten by previous, and the rest once an archive is there', async () => {
    const { index, read } = without;
    await read();
    const [gap, ...more] = await index.gaps.all();
    expect(more).toEqual([]);
    expect(gap?.from).toBeGreaterThan(start);
    const held = (await everything(index)).filter(({ event, block }) => event === null && block > start);
    expect(held.map(({ hotkey, seq, time }) => ({ hotkey, seq, time }))).toEqual([
      { hotkey: two().hotkey, seq: 2, time: null },
      { hotkey: one().hotkey, seq: 5, time: null },
    ]);
    expect(held.at(-1)?.block).toBe(blocks.at(-1));

    // Whoever commits next is judged by what the chain says came before, though the index lacks it.
    const next = await one().commit();
    const commit = { netuid: NETUID, hotkey: one().hotkey, block: next };
    expect(await previousAnchor({ chain: pruned, index }, commit)).toEqual({
      digest: one().manifests[5]?.digest,
      seq: 5,
    });

    const unreachable = () => Promise.reject(new SeineError('PeerUnreachable', 'away', { remedy: 'retry' }));
    expect(await recoverOverwritten({ index, get: unreachable })).toBe(0);
    const all = [...one().manifests, ...two().manifests];
    const get = (digest: string): Promise<Manifest> => {
      const found = all.find((item) => item.digest === digest);
      return found === undefined ? unreachable() : Promise.resolve(found.manifest);
    };
    expect(await recoverOverwritten({ index, get })).toBe(6);
    expect(await recoverOverwritten({ index, get })).toBe(0);
    const recovered = (await everything(index)).filter(({ anchoredAt }) => anchoredAt === null);
    expect(recovered.map(({ hotkey, seq }) => [hotkey === one().hotkey ? 1 : 2, seq]).sort()).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [1, 4],
      [2, 0],
      [2, 1],
    ]);
    for (const { hotkey, block } of recovered) {
      expect(block).toBe(held.find((item) => item.hotkey === hotkey)?.block);
    }

    await read();
    await createIndexer({ chain: pruned, index, netuid: NETUID }).fillGaps();
    expect(await index.gaps.all()).toHaveLength(1);
    await createIndexer({ chain: archive, index, netuid: NETUID }).fillGaps();
    expect(await index.gaps.all()).toEqual([]);
    const own = (await chainHistory(archive)).filter(({ block }) => block > start);
    const found = (await everything(index)).filter(({ block }) => block > start);
    expect(found.map(({ block, event, data, time }) => [block, event, data, time === null])).toEqual(
      own.map(({ block, event, data }) => [block, event, data, false]),
    );
  }, 240_000);
});

describe('the index', () => {
  const commits = (count: number): IndexedCommit[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{
        netuid: NETUID,
        hotkey: at % 2 === 0 ? HOTKEY : keys.One.address,
        registered: 0,
        uid: at % 2,
        block: 10 + at,
      },
      ...{
        blockHash: '0x01',
        event: 1,
        anchoredAt: 10 + at,
        time: 1_700_000_000_000_000 + at,
        kind: 'manifest' as const,
      },
      ...{ digest: at.toString(16).padStart(64, '0'), seq: at, rows: 1, locator: '', data: `${at}`, round: null },
      ...{ revealed: null, sources: at % 3 === 0 ? ['web', 'x'] : ['rss'], carries: at === 5 ? ['c'.repeat(64)] : [] },
    }));

  it('is searched by hotkey, time, source and digest', async () => {
    const index = await newIndex();
    await index.put(commits(30));
    const seqs = async (query: Parameters<CommitIndex['search']>[0]) =>
      (await index.search(query)).commits.map(({ seq }) => seq);
    expect(await seqs({ hotkey: HOTKEY, toBlock: 15 })).toEqual([0, 2, 4]);
    expect(await seqs({ hotkey: HOTKEY.toLowerCase() })).toEqual([]);
    expect(await seqs({ since: 1_700_000_000_000_028 })).toEqual([28, 29]);
    expect(await seqs({ until: 1_700_000_000_000_001 })).toEqual([0, 1]);
    expect(await seqs({ source: 'x', fromBlock: 35 })).toEqual([27]);
    expect(await seqs({ digest: '7'.padStart(64, '0') })).toEqual([7]);
    expect(await seqs({ digest: 'c'.repeat(64) })).toEqual([5]);
    expect(await seqs({ kind: 'legacy' })).toEqual([]);
  });

  it('takes what a block shows for what was known without it, and never the other way', async () => {
    const index = await newIndex();
    const [whole] = commits(1) as [IndexedCommit];
    const held = { ...whole, event: null, time: null, blockHash: '0x02' };
    await index.put([held]);
    await index.describe(whole, { sources: ['rss'], carries: [] });
    expect(await index.between(0, 100)).toEqual([]);
    for (const commit of [whole, held, { ...whole, time: null }, whole]) await index.put([commit]);
    expect(await everything(index)).toEqual([{ ...whole, sources: ['rss'] }]);
    expect(await index.between(0, 100)).toEqual([{ ...whole, sources: ['rss'] }]);
  });

  it('gives more than 10,000 documents, page by page', async () => {
    const index = await newIndex();
    const all = commits(10_500);
    await index.put(all);
    const found: (number | null)[] = [];
    for (let after: number | null = -1; after !== null;) {
      const page = await index.search({ after, limit: 1000 });
      found.push(...page.commits.map(({ seq }) => seq));
      after = page.next;
    }
    expect(found).toEqual(all.map(({ seq }) => seq));
    expect(await index.between(0, 100_000)).toHaveLength(10_500);
  });

  it('shows the text of a time-locked commitment once it is revealed, and of none that was replaced', async () => {
    const index = await newIndex();
    const [first, second, third] = commits(6).filter(({ hotkey }) => hotkey === HOTKEY) as [
      IndexedCommit,
      IndexedCommit,
      IndexedCommit,
    ];
    const locked = {
      kind: 'timelocked',
      digest: null,
      seq: null,
      rows: null,
      locator: null,
      data: '',
      round: 9,
    } as const;
    await index.put([
      { ...first, ...locked },
      { ...second, ...locked },
      { ...third, ...locked },
    ]);
    let revealed: { data: string; block: number }[] = [];
    const chain = { ...pruned, revealedCommits: () => Promise.resolve(revealed), commitsIn: () => Promise.resolve([]) };
    const indexer = createIndexer({ chain, index, netuid: NETUID });
    await index.setReadUpTo(20);
    revealed = [{ data: 'it said this', block: third.block + 7 }];
    await indexer.readTo(21, { from: 21 });
    expect((await everything(index)).map((commit) => commit.revealed)).toEqual([null, null, 'it said this']);
    expect(await index.locked()).toEqual([]);
  });

  it('says which Redis does not answer', async () => {
    const url = 'redis://user:secret@127.0.0.1:1';
    await expect(openCommitIndex({ url, hotkey: 'x', netuid: 1 })).rejects.toThrow(
      expect.objectContaining({ name: 'RedisUnreachable', message: expect.not.stringContaining('secret') as string }),
    );
  });
});

it('keeps one index a validator and subnet', async () => {
  const redis = createClient({ url: useStack().redisIndex });
  await redis.connect();
  const names = await redis.ft._list();
  await redis.disconnect();
  expect(names.filter((name) => name.startsWith(`seine:{${RUN}-`)).length).toBe(indexes);
});
