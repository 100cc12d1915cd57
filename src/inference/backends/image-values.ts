import type { TaskRequest } from '../wire/request.ts';
import type { ImageRequest } from '../wire/images.ts';
import { BackendUnsupported } from './errors.ts';

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
