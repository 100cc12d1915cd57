import { PPB, PPM } from '../../../core/units.ts';
import { mulDiv } from '../../mul-div.ts';
import type { CheckedAnswer } from '../../../core/inference-period.ts';

/** Newest answers that count. */
export const MOST_ANSWERS = 50;

/** Mean of quality x speed of up to 50 answers, newest first, in parts per million, rounded down; 0 of none. Source: Vision's scoring, public code. */
export function meanWorthPpm(answers: readonly CheckedAnswer[]): number {
  return meanPpm(answers, ({ quality_ppm, speed_ppm }) => mulDiv(quality_ppm, speed_ppm, PPM));
}

/** Mean quality of as many, without speed. */
export function meanQualityPpm(answers: readonly CheckedAnswer[]): number {
  return meanPpm(answers, ({ quality_ppm }) => quality_ppm);
}

function meanPpm(answers: readonly CheckedAnswer[], worth: (answer: CheckedAnswer) => number): number {
  const newest = answers.slice(0, MOST_ANSWERS);
  const sum = newest.reduce((all, answer) => all + worth(answer), 0);
  return newest.length === 0 ? 0 : mulDiv(sum, 1, newest.length);
}

/** Each score's part of their sum, in parts per billion, rounded down; all 0 where the sum is. */
export function normalisedPpb(scores: readonly bigint[]): number[] {
  const sum = scores.reduce((all, score) => all + score, 0n);
  return scores.map((score) => (sum === 0n ? 0 : Number((score * BigInt(PPB)) / sum)));
}

/**
 * Vision's scores of a task, normalised, cubed and normalised again, in parts per billion. Source: Vision's scoring, public code. The first of the two
 * cancels out, so it is not computed.
 */
export function cubedScoresPpb(scores: readonly bigint[]): number[] {
  return normalisedPpb(scores.map((score) => score ** 3n));
}
