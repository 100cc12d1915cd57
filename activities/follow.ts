import type { BlockRef } from '../src/core/chain.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import type { CommitIndex } from '../src/commit/indexer/commit-index.ts';
import type { Indexer } from '../src/commit/indexer/indexer.ts';
import { manifestCommit } from '../src/commit/judged-commits.ts';
import type { ManifestCommit } from '../src/commit/judged-commits.ts';

export interface FollowDeps {
  chain: Chain;
  netuid: number;
  index: Pick<CommitIndex, 'between'>;
  indexer: Indexer;
  heartbeat: (progress: unknown) => void;
  /** Aborted when the activity is cancelled or its worker stops. */
  cancelled: () => AbortSignal;
}

/** An epoch of the subnet: commits of blocks (start, end] count for it. */
export interface EpochWindow {
  index: number;
  start: number;
  end: number;
}

export interface FollowInput {
  /** Blocks up to this one were read. */
  readUpTo: number;
  /** The epoch that `readUpTo` lies in. */
  epoch: EpochWindow;
}

export interface FollowResult {
  readUpTo: number;
  commits: ManifestCommit[];
  /** Set when the chain's final head has left the epoch. */
  next: EpochWindow | null;
}

export type FollowActivities = ReturnType<typeof createFollowActivities>;

const LONGEST_WAIT_MS = 30_000;
/** Blocks that are read before commitments found in them are handed on. */
const BLOCKS_AT_ONCE = 64;

export function createFollowActivities(deps: FollowDeps) {
  const { chain, netuid, index, indexer } = deps;
  let gapsTried = false;
  return {
    /** Where a validator starts to read: the beginning of the current epoch. */
    async startOfReading(): Promise<FollowInput> {
      const epoch = await chain.epoch(netuid);
      const window = { index: epoch.index, start: epoch.startBlock - 1, end: epoch.nextStartBlock - 1 };
      return { readUpTo: window.start, epoch: window };
    },

    /**
     * Reads the finalized blocks after `readUpTo` into the index, to the end of the epoch at most, and returns as soon as there is something to do:
     * a commitment, or the epoch's end. Commitments that are not ours are indexed only. What an earlier try has read is taken from the
     * index.
     */
    async followChain(input: FollowInput): Promise<FollowResult> {
      const until = Date.now() + LONGEST_WAIT_MS;
      let readUpTo = input.readUpTo;
      const commits: ManifestCommit[] = [];
      if (!gapsTried) await indexer.fillGaps();
      gapsTried = true;
      while (commits.length === 0 && Date.now() < until && !deps.cancelled().aborted) {
        const head = await chain.finalized();
        const toBlock = Math.min(head.number, input.epoch.end, readUpTo + BLOCKS_AT_ONCE);
        if (toBlock > readUpTo) {
          await indexer.readTo(toBlock, { from: readUpTo + 1, progress: (read) => deps.heartbeat({ readUpTo: read }) });
          const found = (await index.between(readUpTo, toBlock)).map(manifestCommit);
          commits.push(...found.filter((commit) => commit !== null));
          readUpTo = toBlock;
        }
        if (head.number > input.epoch.end && readUpTo === input.epoch.end) {
          return { readUpTo, commits, next: await windowAfter(chain, netuid, input.epoch) };
        }
        deps.heartbeat({ readUpTo });
        if (commits.length === 0 && readUpTo >= head.number) await new Promise((resolve) => setTimeout(resolve, 250));
      }
      return { readUpTo, commits, next: null };
    },

    /** Waits, about half a minute at most, for a final block; null when it is not there yet. */
    async finalBlock(input: { number: number }): Promise<BlockRef | null> {
      const until = Date.now() + LONGEST_WAIT_MS;
      while (Date.now() < until && !deps.cancelled().aborted) {
        const head = await chain.finalized();
        if (head.number >= input.number) return { number: input.number, hash: await chain.blockHash(input.number) };
        deps.heartbeat({ final: head.number });
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      return null;
    },
  };
}

/** Epochs follow one another without a gap; where the newest ends is the chain's to say. */
async function windowAfter(chain: Chain, netuid: number, epoch: EpochWindow): Promise<EpochWindow> {
  const now = await chain.epoch(netuid);
  const index = epoch.index + 1;
  // A reader that is epochs behind counts back from the newest: its tempo is theirs.
  const end = now.nextStartBlock - 1 - Math.max(now.index - index, 0) * now.tempo;
  return { index, start: epoch.end, end: Math.max(end, epoch.end + 1) };
}
