import { z } from 'zod';
import type { TaskKind } from '../tasks/task.ts';
import { MAX_IMAGE_BASE64_BYTES, MAX_IMAGES, MAX_SIDE_PIXELS, MAX_STEPS } from './limits.ts';
import { boundedText, isBase64, modelName } from './shared.ts';

const base64Image = z.string().min(4).max(MAX_IMAGE_BASE64_BYTES).refine(isBase64, 'is not base64');

const size = z
  .string()
  .regex(/^[1-9]\d{1,3}x[1-9]\d{1,3}$/, 'a size such as 1024x1024')
  .refine(
    (text) => text.split('x').every((side) => Number(side) <= MAX_SIDE_PIXELS),
    `has a side over ${MAX_SIDE_PIXELS} pixels`,
  );

/**
 * A request for images of any kind: OpenAI's members, and those that engines of diffusion models add (seed, steps and others, as vLLM, LocalAI and
 * Automatic1111 spell them). Images are base64, never URLs.
 */
export const imageRequest = z.strictObject({
  model: modelName,
  prompt: boundedText.default(''),
  n: z.int().min(1).max(MAX_IMAGES).default(1),
  size: size.optional(),
  response_format: z.literal('b64_json').default('b64_json'),
  negative_prompt: boundedText.optional(),
  seed: z.int().min(0).optional(),
  steps: z.int().min(1).max(MAX_STEPS).optional(),
  guidance_scale: z.number().min(0).max(30).optional(),
  /** What is changed, filled, enlarged, or what conditions the image. */
  image: base64Image.optional(),
  /** White where a painting-in may change the image. */
  mask: base64Image.optional(),
  /** How much of the image given may change, 0 to 1. */
  strength: z.number().min(0).max(1).optional(),
});
export type ImageRequest = z.output<typeof imageRequest>;

export const imageAnswer = z.object({
  created: z.int().min(0).optional(),
  data: z
    .array(
      z.object({
        b64_json: base64Image,
        /** The engine's safety checker found something; absent where it has none. */
        is_nsfw: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(MAX_IMAGES),
});
export type ImageAnswer = z.output<typeof imageAnswer>;

const NEEDS: Partial<Record<TaskKind, readonly ('prompt' | 'image' | 'mask')[]>> = {
  'text-to-image': ['prompt'],
  'image-to-image': ['prompt', 'image'],
  'conditional-image': ['prompt', 'image'],
  inpaint: ['prompt', 'image', 'mask'],
  upscale: ['image'],
  avatar: ['prompt', 'image'],
};

/** What a request for images lacks, or has too much of, for a kind of task; null where it fits. */
export function imageRequestFault(kind: TaskKind, request: ImageRequest): string | null {
  const needs = NEEDS[kind];
  if (needs === undefined) return `${kind} makes no images`;
  const missing = needs.find((member) => (request[member] ?? '') === '');
  if (missing !== undefined) return `${kind} needs ${missing}`;
  const extra = (['image', 'mask'] as const).find((member) => request[member] !== undefined && !needs.includes(member));
  return extra === undefined ? null : `${kind} takes no ${extra}`;
}
