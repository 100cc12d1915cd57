import { PPM } from '../../../core/units.ts';
import { integerSqrt } from '../../fixed-power.ts';
import type { Grade, Grading } from './grade.ts';

/** How like an image is to the verifier's own. */
export interface ImageLikeness {
  /** That hashes as far apart are of one image. */
  same_hash_ppm: number;
  /** Cosine of the embeddings. */
  cosine_ppm: number;
  /** Whether the miner and the verifier flag it as unsafe. */
  flagged: { miner: boolean; verifier: boolean };
}

export interface ImageSimilarityLimits {
  grading: Grading;
  match_ppm: number;
}

/** Half of the 64 bits: what hashes of unrelated images differ in. */
const UNRELATED_BITS = 32;

/**
 * Vision's check of an image: s = .4 √p + .6 cos²; above .95 1, else s² where it is graded; 0 where the safety flags differ. Source: its checking server, public
 * code.
 */
export function gradeImageSimilarity(
  { same_hash_ppm, cosine_ppm, flagged }: ImageLikeness,
  { grading, match_ppm }: ImageSimilarityLimits,
): Grade<'same' | 'other_image' | 'safety_flag'> {
  if (flagged.miner !== flagged.verifier) return { score_ppm: 0, reason: 'safety_flag' };
  const one = BigInt(PPM);
  const cosine = BigInt(Math.max(cosine_ppm, 0));
  const score = (4n * integerSqrt(BigInt(same_hash_ppm) * one) + (6n * cosine * cosine) / one) / 10n;
  if (score > BigInt(match_ppm)) return { score_ppm: PPM, reason: 'same' };
  return { score_ppm: grading === 'graded' ? Number((score * score) / one) : 0, reason: 'other_image' };
}

/**
 * How likely 64-bit hashes that are so far apart are of one image, in parts per million: Vision asks a classifier fitted to its own images; here the mean of
 * 1 - distance / 32.
 * @param distances in bits, one for each kind of hash; at least one
 */
export function sameHashPpm(distances: readonly number[]): number {
  if (distances.length === 0) throw new RangeError('no hash was compared');
  const left = distances.reduce((sum, distance) => sum + Math.max(UNRELATED_BITS - distance, 0), 0);
  return Math.floor((left * PPM) / (UNRELATED_BITS * distances.length));
}
