import { PPM } from '../../../core/units.ts';
import { mulDiv } from '../../mul-div.ts';

/** Chances in parts per million, and the shares of a capacity that they lead to. */
const RANGES = [
  { chance: 700_000, from: 50_000, to: 50_000 },
  { chance: 270_000, from: 50_000, to: 100_000 },
  { chance: 30_000, from: 400_000, to: 800_000 },
];

/**
 * Share of a capacity that a period tests, in parts per million: 5 % in 70 of 100 cases, 5 to 10 % in 27, 40 to 80 % in 3. Source: Vision's validator,
 * public code.
 * @param draw a number that a seed fixes, each as likely: 0 to 999,999
 */
export function testedSharePpm(draw: number): number {
  let left = draw;
  for (const { chance, from, to } of RANGES) {
    if (left >= 0 && left < chance) return from + mulDiv(left, to - from, chance);
    left -= chance;
  }
  throw new RangeError(`${draw} is not from 0 to ${PPM - 1}`);
}
