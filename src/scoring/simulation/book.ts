import type { MinerCounts } from '../counts.ts';
import { NO_MEMORY } from '../epoch-scores.ts';
import type { MinerScore } from '../epoch-scores.ts';
import type { ScoringParameters } from '../parameters.ts';
import { scoreAndWeigh } from './validator.ts';

/** What one formula gave. */
export interface Outcome {
  /** Each player's weight by epoch, in parts per billion, the mean over validators. */
  incomes: number[][];
  /** By validator and epoch; null where the epoch was not scored. */
  scores: (MinerScore[] | null)[][];
}

/** What all validators remember by one formula, and what they gave. */
export interface Book {
  outcome: Outcome;
  /**
   * Scores an epoch.
   * @param counts by validator; null where it can't score: then its last weights stand
   * @param uids of each player
   */
  score(counts: readonly (MinerCounts[] | null)[], uids: readonly (readonly number[])[]): void;
}

export function createBook(parameters: ScoringParameters, players: number, validators: number): Book {
  const each = Array.from({ length: validators }, () => ({ memory: NO_MEMORY, weights: new Map<number, number>() }));
  const incomes: number[][] = Array.from({ length: players }, () => []);
  const scores: Outcome['scores'] = each.map(() => []);
  return {
    outcome: { incomes, scores },
    score(counts, uids) {
      each.forEach((validator, index) => {
        const own = counts[index] ?? null;
        if (own !== null) {
          const { epoch, weights } = scoreAndWeigh(parameters, own, validator.memory);
          [validator.memory, validator.weights] = [epoch, weights];
        }
        scores[index]?.push(own === null ? null : ([...validator.memory.scores] as MinerScore[]));
      });
      uids.forEach((of, player) => {
        const sums = each.map(({ weights }) => of.reduce((sum, uid) => sum + (weights.get(uid) ?? 0), 0));
        incomes[player]?.push(Math.floor(sums.reduce((sum, value) => sum + value, 0) / validators));
      });
    },
  };
}
