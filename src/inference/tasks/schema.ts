import { z } from 'zod';
import { PPM } from '../../core/units.ts';
import { MAX_IMAGE_BASE64_BYTES, MAX_IMAGES, MAX_STEPS, MAX_TEXT_BYTES, MAX_TOKENS } from '../wire/limits.ts';
import { GRADINGS, TASK_KINDS, VOLUME_UNITS } from './task.ts';
import type { Task, TaskCheck } from './task.ts';

const DAY_MS = 86_400_000;
/** A miner that may think for ten minutes holds a validator's slot that long. */
const MAX_TIMEOUT_MS = 600_000;
const MAX_WORKFLOW_STEPS = 8;

const ppm = z.int().min(0).max(PPM);
const count = (max: number) => z.int().min(0).max(max);
const grading = z.enum(GRADINGS);

/** Also the name of a pool of emission and a part of keys and addresses. */
export const taskName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'a name of letters, digits, _ and -, at most 64');

/** What backends know a model by. */
const model = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'the name of a model, at most 200 characters without spaces');

const check = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('text-probabilities'),
    grading,
    top: z.int().min(1).max(20),
    most_outside: count(1000),
    positions: z.int().min(1).max(1000),
    end_of_text_ratio: z.int().min(1).max(PPM),
    full_distance_ppm: ppm,
    half_distance_ppm: ppm,
  }),
  z.strictObject({ method: z.literal('text-top-tokens'), grading, top: z.int().min(1).max(20), overlap_ppm: ppm }),
  z.strictObject({
    method: z.literal('image-match'),
    grading,
    match_cosine_ppm: ppm,
    least_cosine_ppm: ppm,
    most_hash_bits: count(64),
  }),
  z.strictObject({ method: z.literal('image-similarity'), grading, match_ppm: ppm }),
  z.strictObject({
    method: z.literal('open-image'),
    adherence_share_ppm: ppm,
    aesthetic_zero_milli: count(10_000),
    aesthetic_one_milli: count(10_000),
  }),
  z.strictObject({ method: z.literal('embedding-cosine'), grading, match_cosine_ppm: ppm }),
]) satisfies z.ZodType<TaskCheck>;

/** A whole task, every default filled in. */
export const taskSchema = z.strictObject({
  name: taskName,
  kind: z.enum(TASK_KINDS),
  enabled: z.boolean(),
  model: model.nullable(),
  workflow: z.array(z.strictObject({ kind: z.enum(TASK_KINDS), model })).max(MAX_WORKFLOW_STEPS),
  weight_ppm: ppm,
  timeout_ms: z.int().min(100).max(MAX_TIMEOUT_MS),
  unit: z.enum(VOLUME_UNITS),
  period_ms: z.int().min(1000).max(DAY_MS),
  scored: z.enum(['all', 'one']),
  speed: z.strictObject({
    overhead_ms: count(MAX_TIMEOUT_MS),
    mean_us: z
      .int()
      .min(1)
      .max(MAX_TIMEOUT_MS * 1000),
    variance_milli: count(PPM),
  }),
  check,
  limits: z.strictObject({
    text_bytes: z.int().min(1).max(MAX_TEXT_BYTES),
    image_min_bytes: count(MAX_IMAGE_BASE64_BYTES),
    image_max_bytes: count(MAX_IMAGE_BASE64_BYTES),
    tokens: z.int().min(1).max(MAX_TOKENS),
    steps: z.int().min(1).max(MAX_STEPS),
    images: z.int().min(1).max(MAX_IMAGES),
  }),
}) satisfies z.ZodType<Task>;

/** A file of tasks; the tasks themselves are read one by one, with what they leave out filled in. */
export const taskFileSchema = z.strictObject({
  version: z.literal(1),
  /** Presets to start from, with each one's share of the whole. */
  presets: z.record(z.string(), ppm).default({}),
  /** Names of tasks of the presets that are left out. */
  remove: z.array(z.string()).default([]),
  /** Whether weights that don't add up are brought to 1,000,000 in their proportion. */
  rescale: z.boolean().default(false),
  tasks: z.array(z.record(z.string(), z.unknown())).max(1000).default([]),
});
