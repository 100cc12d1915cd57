import { PPM } from '../../../core/units.ts';
import { mulDiv } from '../../mul-div.ts';
import type { Grade, Grading } from './grade.ts';

export interface TopTokenLimits {
  grading: Grading;
  /** Tokens of a position that are compared. */
  top: number;
  overlap_ppm: number;
}

/**
 * NicheImage's (SN23's) check of a text: the mean overlap of the five likeliest tokens at each position with the verifier's, 1 above .85. A position that the
 * answer lacks overlaps in nothing. Source: its validator, public code.
 * @param answer the likeliest tokens of each position, likeliest first
 * @param own the verifier's
 */
export function gradeTopTokens(
  answer: readonly (readonly string[])[],
  own: readonly (readonly string[])[],
  { grading, top, overlap_ppm }: TopTokenLimits,
): Grade<'same' | 'other_tokens' | 'nothing_compared'> {
  if (own.length === 0) return { score_ppm: null, reason: 'nothing_compared' };
  const shared = own.reduce((sum, tokens, position) => {
    const theirs = new Set(answer[position]?.slice(0, top));
    return sum + tokens.slice(0, top).filter((token) => theirs.has(token)).length;
  }, 0);
  const overlap = mulDiv(shared, PPM, own.length * top);
  const isSame = overlap > overlap_ppm;
  return { score_ppm: grading === 'graded' ? overlap : isSame ? PPM : 0, reason: isSame ? 'same' : 'other_tokens' };
}
