import { requestVolume } from '../volume.ts';
import { imageRequestFault } from '../wire/images.ts';
import { apiOf, requestImages, requestTexts } from '../wire/request.ts';
import type { TaskRequest } from '../wire/request.ts';
import type { Task } from './task.ts';

/** Why a request is none of this task's, or beyond its limits; null where it may be asked. The same words for miners, validators and customers. */
export function requestFault(task: Task, request: TaskRequest): string | null {
  const { name, kind, limits } = task;
  if (!task.enabled) return `${name} is not enabled`;
  if (request.api !== apiOf(task)) return `${name} is asked by ${apiOf(task)}, not by ${request.api}`;
  if (task.model !== null && request.body.model !== task.model) {
    return `${name} is the model ${task.model}, not ${request.body.model}`;
  }
  if (request.api === 'images') {
    const fault = imageRequestFault(kind, request.body);
    if (fault !== null) return fault;
  }
  const fault =
    textFault(task, requestTexts(request)) ??
    imageFault(task, requestImages(request)) ??
    maskFault(limits, request) ??
    amountFault(limits, request);
  // As one with max_tokens 0: an engine reads its prompt all the same, and it would take nothing of what its caller is owed.
  return fault ?? (requestVolume(task, request) < 1 ? `it asks for no ${task.unit}` : null);
}

function textFault({ limits }: Task, texts: readonly string[]): string | null {
  const sizeBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return sizeBytes > limits.text_bytes ? `${sizeBytes} bytes of text, at most ${limits.text_bytes} may come` : null;
}

function imageFault({ name, kind, limits }: Task, images: readonly string[]): string | null {
  if (images.length > 0 && limits.image_max_bytes === 0) return `${name} takes no image`;
  if (images.length > 1) return `${images.length} images, one may come`;
  const sizeBytes = images[0]?.length;
  if (sizeBytes === undefined) return kind === 'multimodal' ? `${name} needs an image` : null;
  const isRight = sizeBytes >= limits.image_min_bytes && sizeBytes <= limits.image_max_bytes;
  const range = `${limits.image_min_bytes} to ${limits.image_max_bytes}`;
  return isRight ? null : `an image of ${sizeBytes} bytes in base64, ${range} may come`;
}

/** A mask may be a few bytes, and is as large as an image at most. */
function maskFault({ image_max_bytes: most }: Task['limits'], request: TaskRequest): string | null {
  const sizeBytes = request.api === 'images' ? (request.body.mask?.length ?? 0) : 0;
  return sizeBytes > most ? `a mask of ${sizeBytes} bytes in base64, at most ${most} may come` : null;
}

function amountFault(limits: Task['limits'], request: TaskRequest): string | null {
  if (request.api === 'embeddings') return null;
  const body = request.body;
  if ('max_tokens' in body && (body.max_tokens ?? 0) > limits.tokens) {
    return `max_tokens ${body.max_tokens}, at most ${limits.tokens}`;
  }
  if (request.api !== 'images') return null;
  if ((request.body.steps ?? 1) > limits.steps) return `${request.body.steps} steps, at most ${limits.steps}`;
  return request.body.n > limits.images ? `${request.body.n} images, at most ${limits.images}` : null;
}
