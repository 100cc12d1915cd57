import { PPM } from '../../../core/units.ts';
import type { Grade, Grading } from './grade.ts';

export interface EmbeddingLimits {
  grading: Grading;
  match_cosine_ppm: number;
}

/** Check of an embedding by its cosine with the verifier's own: 1 from the threshold on; below it 0, or the cosine where it is graded. */
export function gradeEmbedding(
  cosinePpm: number,
  { grading, match_cosine_ppm }: EmbeddingLimits,
): Grade<'same' | 'other_embedding'> {
  if (cosinePpm >= match_cosine_ppm) return { score_ppm: PPM, reason: 'same' };
  return { score_ppm: grading === 'graded' ? Math.max(cosinePpm, 0) : 0, reason: 'other_embedding' };
}
