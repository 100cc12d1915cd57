import { PPB } from '../../../core/units.ts';

/** What the first three places are worth, in sixths, so that a place shared by two is whole too; the rest are worth nothing. */
const PLACES = [6n, 4n, 2n];
const RANK_WHOLE = 6n;

/**
 * Scores of miners in an open category, in parts per billion of their sum: w = .8 + .2 (.5 norm + .5 rank), normalised, where norm is the raw
 * score's part of the sum and rank is 1, 2/3, 1/3 for the first three; who is level shares what its places are worth. Raw 0 scores 0. Source:
 * NicheImage's validator, public code.
 * @param raw scores of any unit, not negative
 */
export function openCategoryScoresPpb(raw: readonly number[]): number[] {
  const total = raw.reduce((sum, score) => sum + BigInt(score), 0n);
  const weights = raw.map((score) => {
    if (score <= 0) return 0n;
    const above = raw.filter((other) => other > score).length;
    const level = raw.filter((other) => other === score).length;
    const places = PLACES.slice(above, above + level).reduce((sum, place) => sum + place, 0n);
    const norm = (BigInt(score) * ONE) / total;
    const rank = (places * ONE) / (RANK_WHOLE * BigInt(level));
    return (8n * ONE + norm + rank) / 10n;
  });
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  return weights.map((weight) => (sum === 0n ? 0 : Number((weight * BigInt(PPB)) / sum)));
}

/** Intermediate values have more places than the result. */
const ONE = 10n ** 18n;
