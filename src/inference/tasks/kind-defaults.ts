import { IMAGE_INPUT_KINDS, IMAGE_KINDS } from './task.ts';
import type { Task, TaskCheck, TaskKind } from './task.ts';

/** Text under 1 KB, images of 100 KB to 5 MB in base64. Source: NicheImage's page on its requests. */
export const NICHEIMAGE_LIMITS = { text_bytes: 1023, image_min_bytes: 100 * 1024, image_max_bytes: 5 * 1024 * 1024 };

/** Thresholds of the methods. Source: scoring code of SN19 and SN23; that of embeddings and the ends of an aesthetic score's line are read from there or ours. */
const CHECKS: { [Method in TaskCheck['method']]: Extract<TaskCheck, { method: Method }> } = {
  'text-probabilities': {
    ...{ method: 'text-probabilities', grading: 'match', top: 10, most_outside: 3, positions: 5 },
    ...{ end_of_text_ratio: 100 },
    ...{ full_distance_ppm: 125_000, half_distance_ppm: 250_000 },
  },
  'text-top-tokens': { method: 'text-top-tokens', grading: 'match', top: 5, overlap_ppm: 850_000 },
  'image-match': {
    ...{ method: 'image-match', grading: 'match' },
    ...{ match_cosine_ppm: 900_000, least_cosine_ppm: 400_000, most_hash_bits: 6 },
  },
  'image-similarity': { method: 'image-similarity', grading: 'match', match_ppm: 950_000 },
  'open-image': {
    ...{ method: 'open-image', adherence_share_ppm: 500_000 },
    ...{ aesthetic_zero_milli: 3500, aesthetic_one_milli: 7000 },
  },
  // Ours: the same model in another precision stays above it, another model does not share the space at all.
  'embedding-cosine': { method: 'embedding-cosine', grading: 'match', match_cosine_ppm: 990_000 },
};

/** The thresholds of a method; none for a method that there is not. */
export function checkDefaults(method: unknown): object {
  return typeof method === 'string' && Object.hasOwn(CHECKS, method) ? CHECKS[method as TaskCheck['method']] : {};
}

/** What a task of a kind is where its settings say nothing. Mean .18 s and variance 3 are SN19's for chat; the other numbers are ours. */
export function kindDefaults(kind: TaskKind): Omit<Task, 'name' | 'kind' | 'model' | 'weight_ppm' | 'check'> & {
  check: { method: TaskCheck['method'] };
} {
  const isImage = IMAGE_KINDS.includes(kind);
  const unit = kind === 'upscale' || kind === 'avatar' ? 'images' : isImage ? 'steps' : 'tokens';
  const noImages = { image_min_bytes: 0, image_max_bytes: 0 };
  return {
    enabled: true,
    workflow: [],
    timeout_ms: isImage ? 30_000 : 60_000,
    unit,
    period_ms: 3_600_000,
    scored: 'all',
    speed: { overhead_ms: 500, mean_us: unit === 'images' ? 5_000_000 : 180_000, variance_milli: 3000 },
    check: { method: isImage ? 'image-similarity' : kind === 'embedding' ? 'embedding-cosine' : 'text-probabilities' },
    limits: {
      ...NICHEIMAGE_LIMITS,
      ...(IMAGE_INPUT_KINDS.includes(kind) ? {} : noImages),
      ...{ tokens: 1024, steps: 50, images: 1 },
    },
  };
}
