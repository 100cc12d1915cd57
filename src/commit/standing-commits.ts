import type { Digest } from '../core/manifest.ts';
import { ChainStateDiscardedError } from './chain-errors.ts';
import type { Chain, HeldCommit } from './chain-port.ts';
import { decodeCommitment } from './commitment.ts';

/** A sealed manifest in the order in which manifests follow one another. */
export interface QueuedManifest {
  digest: Digest;
  seq: number;
  rows: number;
}

/** Where a manifest was anchored, and by the commitment of which manifest: its own, or that of one after it. */
export interface AnchoredManifest {
  digest: Digest;
  anchor: Digest;
  block: number;
  event: number;
}

export type StandingChain = Pick<Chain, 'heldCommit' | 'registeredBlock' | 'commitsIn'>;

/** A hotkey since its registration: what it committed before is another claimant's. */
interface Miner {
  netuid: number;
  hotkey: string;
  registered: number;
}

interface Standing {
  manifest: Digest;
  seq: number;
  block: number;
  data: string;
}

export interface NewestAnchor {
  held: Standing;
  /** Whether it names a manifest of the queue. */
  ours: boolean;
  /** Whether the hotkey holds it still; otherwise other tools have committed since. */
  onTop: boolean;
}

/** Commitments of other tools that are looked under. */
const MOST_OTHERS = 8;

/**
 * The hotkey's newest manifest commitment, looked for from the one that it holds; null where the queue's first is still to come.
 */
export async function newestAnchor(
  chain: StandingChain,
  miner: Miner,
  queue: readonly QueuedManifest[],
  top: HeldCommit | null,
): Promise<NewestAnchor | null> {
  for await (const { others, ...held } of standing(chain, miner, queue, top)) {
    return { held, ours: queue.some((item) => item.digest === held.manifest), onTop: others === 0 };
  }
  return null;
}

/**
 * Which manifests of a queue are anchored at the end of a block, oldest first. A manifest counts from the first commitment that is its own or
 * that of one after it.
 */
export async function anchorsOf(
  chain: StandingChain,
  miner: Miner,
  queue: readonly QueuedManifest[],
  blockNumber: number,
): Promise<AnchoredManifest[]> {
  const anchors: (Standing & { event: number })[] = [];
  const top = await chain.heldCommit(miner.netuid, miner.hotkey, blockNumber);
  for await (const held of standing(chain, miner, queue, top)) {
    if (!queue.some((item) => item.digest === held.manifest)) continue;
    const commits = await chain.commitsIn(miner.netuid, held.block);
    const commit = commits.find((item) => item.hotkey === miner.hotkey);
    if (commit !== undefined) anchors.unshift({ ...held, event: commit.event });
  }
  return queue.flatMap(({ digest, seq }) => {
    const anchor = anchors.find((item) => item.seq >= seq);
    return anchor === undefined ? [] : [{ digest, anchor: anchor.manifest, block: anchor.block, event: anchor.event }];
  });
}

/**
 * The hotkey's manifest commitments from the one that it holds back to the queue's first. Each is found from the one after it, by reading storage at
 * the block before. The search ends where a node no longer has the state: an extrinsic is valid for 64 blocks and nodes keep 256, so that
 * nothing under way lies beyond.
 */
async function* standing(
  chain: StandingChain,
  { netuid, hotkey, registered }: Miner,
  queue: readonly QueuedManifest[],
  top: HeldCommit | null,
): AsyncGenerator<Standing & { others: number }> {
  const first = queue[0]?.seq ?? Infinity;
  let others = 0;
  let at = top;
  while (at !== null && at.block >= registered && others <= MOST_OTHERS) {
    const held = decodeCommitment(at.data);
    if (held.kind !== 'manifest') others += 1;
    else if (held.seq < first) return;
    else yield { manifest: held.manifest, seq: held.seq, block: at.block, data: at.data, others };
    if (at.block === 0) return;
    try {
      at = await chain.heldCommit(netuid, hotkey, at.block - 1);
    } catch (error) {
      if (error instanceof ChainStateDiscardedError) return;
      throw error;
    }
  }
}
