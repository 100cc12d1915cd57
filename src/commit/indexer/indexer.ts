import { ChainStateDiscardedError } from '../chain-errors.ts';
import type { Chain, StandingCommit } from '../chain-port.ts';
import type { CommitIndex } from './commit-index.ts';
import { fromBlock, fromStorage } from './indexed-commit.ts';
import type { IndexedCommit } from './indexed-commit.ts';
import { revealLocked } from './reveal.ts';

export type IndexerChain = Pick<
  Chain,
  'blockHash' | 'timestamp' | 'commitsIn' | 'heldCommit' | 'metagraph' | 'revealedCommits'
>;

export interface IndexerDeps {
  chain: IndexerChain;
  index: CommitIndex;
  netuid: number;
}

export interface Indexer {
  /**
   * Reads the blocks after the last one that was read, up to `to`. Ask for final blocks only, since others may still change. An index that has
   * read nothing yet begins at `from`, with what was committed before it. Blocks whose state is discarded everywhere are noted as a gap, and what is
   * still held of them is taken from storage.
   */
  readTo(to: number, options: { from: number; progress?: (readUpTo: number) => void }): Promise<void>;
  /** Reads gaps from an archive endpoint, if there is one now. */
  fillGaps(): Promise<void>;
}

/** Blocks that are read at the same time: a catch-up waits for the network, not for us. */
const AT_ONCE = 8;

export function createIndexer(deps: IndexerDeps): Indexer {
  const { index } = deps;
  return {
    async readTo(to, { from, progress = () => undefined }) {
      const readUpTo = await index.readUpTo();
      let next = (readUpTo ?? from - 1) + 1;
      if (next > to) return;
      if (readUpTo === null && from > 1) await begin(deps, from - 1);
      while (next <= to) {
        const last = Math.min(next + AT_ONCE - 1, to);
        try {
          await index.put(await readBlocks(deps, next, last));
        } catch (error) {
          if (!(error instanceof ChainStateDiscardedError)) throw error;
          next = await skipGap(deps, next, to);
          continue;
        }
        // After the documents: a crash in between reads the same blocks again and changes nothing.
        await index.setReadUpTo(last);
        progress(last);
        next = last + 1;
      }
      await revealLocked(deps, to);
    },

    async fillGaps() {
      for (const gap of await index.gaps.all()) {
        for (let from = gap.from; from <= gap.to; from += AT_ONCE) {
          const to = Math.min(from + AT_ONCE - 1, gap.to);
          let commits: IndexedCommit[];
          try {
            commits = await readBlocks(deps, from, to);
          } catch (error) {
            if (error instanceof ChainStateDiscardedError) break;
            throw error;
          }
          await index.put(commits);
          for (const { hotkey, digest } of commits) if (digest !== null) await index.forgetRecovered(hotkey, digest);
          await index.gaps.fill({ from, to });
        }
      }
    },
  };
}

async function readBlocks({ chain, netuid }: IndexerDeps, from: number, to: number): Promise<IndexedCommit[]> {
  const numbers = Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
  const blocks = await Promise.all(
    numbers.map(async (number) => {
      const commits = await chain.commitsIn(netuid, number);
      const [first] = commits;
      if (first === undefined) return [];
      const time = await chain.timestamp(first.blockHash);
      return commits.map((commit) => fromBlock(commit, time));
    }),
  );
  return blocks.flat();
}

/** Takes what is held at the end of the last block that will not be read, so that the first commitments have predecessors. */
async function begin(deps: IndexerDeps, block: number): Promise<void> {
  try {
    await deps.index.put(await heldAt(deps, block));
  } catch (error) {
    if (!(error instanceof ChainStateDiscardedError)) throw error;
  }
}

/** Goes on at the first block that can be read, and notes what is missing. Gives that block. */
async function skipGap(deps: IndexerDeps, from: number, to: number): Promise<number> {
  const { index } = deps;
  const next = await firstReadable(deps, from, to);
  const held = await heldAt(deps, next);
  await index.put(held.filter(({ block }) => block < next));
  // Whoever committed since the gap began may have overwritten others.
  await index.doubt(held.filter(({ kind, block }) => kind === 'manifest' && block >= from));
  await index.gaps.add({ from, to: next - 1 });
  await index.setReadUpTo(next - 1);
  return next;
}

/** Nodes discard the oldest states first. Throws what the newest block throws when not even that can be read. */
async function firstReadable({ chain, netuid }: IndexerDeps, from: number, to: number): Promise<number> {
  await chain.commitsIn(netuid, to);
  let [discarded, readable] = [from, to];
  while (readable - discarded > 1) {
    const middle = Math.floor((discarded + readable) / 2);
    try {
      await chain.commitsIn(netuid, middle);
      readable = middle;
    } catch (error) {
      if (!(error instanceof ChainStateDiscardedError)) throw error;
      discarded = middle;
    }
  }
  return readable;
}

/** What every registered hotkey holds at the end of a block, with events where their blocks can be read. */
async function heldAt({ chain, netuid }: IndexerDeps, block: number): Promise<IndexedCommit[]> {
  const found: IndexedCommit[] = [];
  const blocks = new Map<number, StandingCommit[] | null>();
  const commitsIn = async (number: number): Promise<StandingCommit[] | null> => {
    const known = blocks.get(number);
    if (known !== undefined) return known;
    const commits = await chain.commitsIn(netuid, number).catch((error: unknown) => {
      if (error instanceof ChainStateDiscardedError) return null;
      throw error;
    });
    blocks.set(number, commits);
    return commits;
  };
  for (const neuron of await chain.metagraph(netuid, block)) {
    const held = await chain.heldCommit(netuid, neuron.hotkey, block);
    if (held === null) continue;
    const exact = (await commitsIn(held.block))?.find(({ hotkey }) => hotkey === neuron.hotkey);
    if (exact !== undefined) found.push(fromBlock(exact, await chain.timestamp(exact.blockHash)));
    // What it committed under an earlier registration can't be told from here.
    else if (held.block >= neuron.registered) {
      found.push(fromStorage(netuid, neuron, held, await chain.blockHash(held.block)));
    }
  }
  return found;
}
