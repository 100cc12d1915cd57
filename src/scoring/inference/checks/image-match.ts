import { PPM } from '../../../core/units.ts';
import { nearest } from '../rounding.ts';
import type { Grade, Grading } from './grade.ts';

/** How like an image is to the verifier's own. */
export interface ImageMatch {
  /** Cosine of the embeddings. */
  cosine_ppm: number;
  /** Bits in which the average hashes differ. */
  hash_bits: number;
}

export interface ImageMatchLimits {
  grading: Grading;
  match_cosine_ppm: number;
  least_cosine_ppm: number;
  most_hash_bits: number;
}

const ADDED_PPM = 100_000;

/**
 * NicheImage's check of an image. `match`: 1 where the cosine is above .9 and the average hashes differ in at most 6 bits. `graded`, by the cosine alone:
 * above .9 1, above .4 (cosine + .1)³, else 0. Source: its validator, public code.
 */
export function gradeImageMatch(
  { cosine_ppm, hash_bits }: ImageMatch,
  limits: ImageMatchLimits,
): Grade<'same' | 'other_embedding' | 'other_hash'> {
  if (cosine_ppm <= limits.match_cosine_ppm) {
    const isGraded = limits.grading === 'graded' && cosine_ppm > limits.least_cosine_ppm;
    const cubed = isGraded ? nearest(BigInt(cosine_ppm + ADDED_PPM) ** 3n, BigInt(PPM) ** 2n) : 0;
    return { score_ppm: Math.min(cubed, PPM), reason: 'other_embedding' };
  }
  if (limits.grading === 'match' && hash_bits > limits.most_hash_bits) return { score_ppm: 0, reason: 'other_hash' };
  return { score_ppm: PPM, reason: 'same' };
}
