import type { FetchRequest } from '../../net/guarded-fetch.ts';
import { MAX_IMAGE_BASE64_BYTES, MAX_IMAGES } from '../wire/limits.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';
import { imageAnswer } from '../wire/images.ts';
import type { ImageRequest } from '../wire/images.ts';
import type { AnswerOptions } from './backend.ts';
import { backendError } from './engine-client.ts';
import { BackendFailed, BackendUnsupported } from './errors.ts';

/** What a request for images says, with what it leaves out. */
export interface ImageValues {
  prompt: string;
  negative_prompt: string;
  /** Fixed, so that a request that names none has the same answer each time. */
  seed: number;
  steps: number;
  guidance_scale: number;
  width: number;
  height: number;
  strength: number;
}

/** What the engines' own pages come with, where a request leaves it to the engine. */
const USUAL = { seed: 0, steps: 20, guidance_scale: 7, strength: 0.75, size: '1024x1024' };

export function imageValues(request: ImageRequest): ImageValues {
  const [width = 0, height = 0] = (request.size ?? USUAL.size).split('x').map(Number);
  return {
    prompt: request.prompt,
    negative_prompt: request.negative_prompt ?? '',
    seed: request.seed ?? USUAL.seed,
    steps: request.steps ?? USUAL.steps,
    guidance_scale: request.guidance_scale ?? USUAL.guidance_scale,
    strength: request.strength ?? USUAL.strength,
    width,
    height,
  };
}

/** The request for images that a request is. Throws BackendUnsupported where it is another. */
export function imageRequestOf(backend: string, request: TaskRequest): ImageRequest {
  if (request.api === 'images') return request.body;
  throw new BackendUnsupported(backend, `it makes images, and was asked for ${request.api}`);
}

/** As many images as a request may ask for, and what is around them. */
const MAX_ANSWER_BYTES = MAX_IMAGES * MAX_IMAGE_BASE64_BYTES + 65_536;

/** The answer that images in base64 come to. Throws BackendFailed where they are none. */
export function imagesAnswer(backend: string, images: readonly string[]): TaskAnswer {
  const parsed = imageAnswer.safeParse({ data: images.map((image) => ({ b64_json: image })) });
  if (parsed.success) return { api: 'images', body: parsed.data };
  throw new BackendFailed(backend, `it made no images: ${parsed.error.issues[0]?.message}`);
}

/** The bounds of one call of an engine. */
export function callBounds({ timeoutMs, signal }: AnswerOptions): FetchRequest {
  return { timeoutMs, maxBodyBytes: MAX_ANSWER_BYTES, ...(signal === undefined ? {} : { signal }) };
}

/** What a failed call is to the backend's caller: its own abort with its reason, everything else an error of backends. */
export function callFailure(backend: string, error: unknown, { signal }: AnswerOptions): unknown {
  return signal?.aborted === true ? signal.reason : backendError(backend, error);
}
