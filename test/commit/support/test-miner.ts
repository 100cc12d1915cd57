import type { Redis } from 'ioredis';
import { createPublishActivities } from '../../../activities/publish.ts';
import type { PublishActivities } from '../../../activities/publish.ts';
import type { Chain, StandingCommit } from '../../../src/commit/chain-port.ts';
import { decodeCommitment } from '../../../src/commit/commitment.ts';
import { openDevelopmentKey } from '../../../src/commit/keys/wallet.ts';
import { encodeManifest } from '../../../src/commit/manifest.ts';
import { createOutbox } from '../../../src/commit/outbox.ts';
import type { Outbox, SealedManifest } from '../../../src/commit/outbox.ts';
import type { Signer } from '../../../src/core/chain.ts';
import { createFileStore } from '../../../src/datasets/storage.ts';
import type { ObjectStore } from '../../../src/datasets/storage.ts';
import { exampleManifest } from './example-manifest.ts';

export const NETUID = 1;

/** A miner without a scraper: it seals manifests of nothing and has them published as any miner does. */
export interface TestMiner {
  signer: Signer;
  outbox: Outbox;
  store: ObjectStore;
  /** Seals one manifest after the last. */
  seal: () => Promise<SealedManifest>;
  /** What a worker with this connection does. */
  publisher: (chain: Chain) => PublishActivities;
}

export async function openTestMiner(options: { uri: string; redis: Redis; dir: string }): Promise<TestMiner> {
  const signer = await openDevelopmentKey({ uri: options.uri, development: true });
  const hotkey = signer.address;
  const outbox = createOutbox({ redis: options.redis, hotkey });
  const store = createFileStore(options.dir);
  return {
    signer,
    outbox,
    store,
    async seal() {
      const seal = await outbox.begin('nothing', () => Promise.resolve(['batch']));
      if (seal === null) throw new Error('there is a batch');
      const head = await outbox.head();
      const place = { seq: head === null ? 0 : head.seq + 1, previous: head?.digest ?? null };
      const manifest = exampleManifest({ netuid: NETUID, hotkey, ...place });
      const digest = await store.put(new TextEncoder().encode(encodeManifest(manifest)));
      const sealed = { digest, seq: manifest.seq, rows: manifest.rows, objects: [digest] };
      await outbox.finish(seal, sealed, { rows: manifest.rows, duplicates: 0 });
      return sealed;
    },
    publisher: (chain) =>
      createPublishActivities({
        chain,
        signer,
        netuid: NETUID,
        locator: '',
        maxUnanchored: 8,
        outbox,
        store,
        storage: null,
        heartbeat: () => undefined,
      }),
  };
}

type ReadChain = Pick<Chain, 'commitsIn' | 'finalized'>;

/** Blocks are final up to here, and these are all commitments in them. */
interface History {
  upTo: number;
  commits: StandingCommit[];
}

const NOTHING_READ: History = { upTo: 0, commits: [] };
const READ_AT_ONCE = 8;
/** By connection: what is final never changes, so that no block is read twice. */
const histories = new WeakMap<ReadChain, Promise<History>>();

/** Every commitment on chain, read block by block. */
export async function chainHistory(chain: ReadChain): Promise<StandingCommit[]> {
  const before = histories.get(chain) ?? Promise.resolve(NOTHING_READ);
  const reading = before.catch(() => NOTHING_READ).then((known) => readOn(chain, known));
  histories.set(chain, reading);
  return (await reading).commits;
}

async function readOn(chain: ReadChain, { upTo, commits }: History): Promise<History> {
  const { number } = await chain.finalized();
  const found = [...commits];
  for (let first = upTo + 1; first <= number; first += READ_AT_ONCE) {
    const blocks = Array.from({ length: Math.min(READ_AT_ONCE, number - first + 1) }, (_, place) => first + place);
    found.push(...(await Promise.all(blocks.map((block) => chain.commitsIn(NETUID, block)))).flat());
  }
  return { upTo: Math.max(upTo, number), commits: found };
}

/**
 * What is wrong between a miner's outbox and the chain, in words: each sealed manifest must be anchored once, by its own commitment or that of one
 * of the eight after it, where and only where the chain has that commitment.
 */
export async function faultsOf(miner: TestMiner, history: readonly StandingCommit[]): Promise<string[]> {
  const faults: string[] = [];
  const onChain = new Map<string, StandingCommit>();
  for (const commit of history) {
    const named = decodeCommitment(commit.data);
    if (commit.hotkey !== miner.signer.address || named.kind !== 'manifest') continue;
    if (onChain.has(named.manifest)) faults.push(`manifest ${named.seq} was committed twice`);
    onChain.set(named.manifest, commit);
  }
  const commits = await miner.outbox.commits();
  const head = await miner.outbox.head();
  const seqs = commits.map(({ seq }) => seq);
  const expected = Array.from({ length: head === null ? 0 : head.seq + 1 }, (_, seq) => seq);
  if (seqs.join() !== expected.join())
    faults.push(`of manifests 0 to ${expected.at(-1)}, ${seqs.join()} are committed`);
  const anchors = new Set(commits.map(({ anchor }) => anchor));
  if (anchors.size !== onChain.size) faults.push(`the outbox knows ${anchors.size} commitments of ${onChain.size}`);
  for (const { seq, anchor, block, event } of commits) {
    const own = commits.find((item) => item.digest === anchor);
    const place = onChain.get(anchor);
    if (place?.block !== block || place.event !== event) faults.push(`manifest ${seq} is not where it should be`);
    if (own === undefined || own.seq < seq || own.seq > seq + 8) faults.push(`manifest ${seq} has a strange anchor`);
  }
  return faults;
}
