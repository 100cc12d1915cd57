import { EPOCH_BLOCKS } from '../clock.ts';
import { commit } from '../strategy.ts';
import type { Strategy, Turn } from '../strategy.ts';

/** A block of the epoch that leaves others time to answer before it ends. */
export function someBlock(turn: Turn): number {
  return turn.firstBlock + turn.random.below(EPOCH_BLOCKS - 60);
}

/** Scrapes and commits once an epoch. */
export const honest: Strategy = (turn) => {
  const block = someBlock(turn);
  return [commit(turn, block, turn.scrape(turn.rows, block))];
};

/** The same rows in many commitments. */
export function chatty(commits: number): Strategy {
  return (turn) => {
    const block = someBlock(turn);
    const rows = turn.scrape(turn.rows, block);
    const size = Math.ceil(rows.length / commits);
    return Array.from({ length: commits }, (_, index) =>
      commit(turn, block + index, rows.slice(index * size, (index + 1) * size)),
    );
  };
}

/** The rows of several epochs in one, then nothing. */
export function burst(epochs: number): Strategy {
  return (turn) => {
    if (turn.epoch % epochs !== 0) return [];
    const block = someBlock(turn);
    return [commit(turn, block, turn.scrape(turn.rows * epochs, block))];
  };
}

/** One miner's rows under all of its keys. */
export const splitOverKeys: Strategy = (turn) => {
  const size = Math.ceil(turn.rows / turn.keys.length);
  return turn.keys.flatMap((key, index) => {
    const block = someBlock(turn);
    const rows = turn.scrape(Math.max(Math.min(size, turn.rows - size * index), 0), block);
    return rows.length === 0 ? [] : [commit(turn, block, rows, key)];
  });
};

/** Serves some of the validators only, or, where none is named, nobody in time. */
export function withhold(servedTo: readonly number[]): Strategy {
  return (turn) => honest(turn).map((commitment) => ({ ...commitment, servedTo }));
}
