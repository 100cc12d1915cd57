import type { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { requestFault } from '../tasks/request-fault.ts';
import { chatRequest } from '../wire/chat.ts';
import { completionRequest } from '../wire/completion.ts';
import { embeddingRequest } from '../wire/embeddings.ts';
import { imageRequest } from '../wire/images.ts';
import { apiOf } from '../wire/request.ts';
import type { TaskRequest } from '../wire/request.ts';
import { ServerRefusal } from './errors.ts';
import type { ServedTask } from './served-task.ts';

/** Names the task that a request is meant for, where tasks share a model. Not signed, so it only chooses among those that the signed body fits. */
export const TASK_HEADER = 'x-seine-task';

/** The part of the API that a path answers. */
export const APIS: ReadonlyMap<string, TaskRequest['api']> = new Map([
  ['/v1/chat/completions', 'chat'],
  ['/v1/completions', 'completion'],
  ['/v1/images/generations', 'images'],
  ['/v1/embeddings', 'embeddings'],
]);

/** Members, escapes and white space around texts and images. */
const ENVELOPE_BYTES = 64 * 1024;
/** A character of one byte may come as six: \u0061. */
const ESCAPED_BYTES = 6;

/** The largest body that a request of any of these tasks can have; an image may bring a mask of its size. */
export function mostBodyBytes(serving: readonly ServedTask[], api: TaskRequest['api']): number {
  const sizes = serving
    .filter(({ task }) => task.enabled && apiOf(task) === api)
    .map(({ task: { limits } }) => limits.text_bytes * ESCAPED_BYTES + limits.image_max_bytes * 2);
  return ENVELOPE_BYTES + Math.max(0, ...sizes);
}

/** The request that a body is. Throws ServerRefusal. */
export function requestIn(api: TaskRequest['api'], body: Uint8Array): TaskRequest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new ServerRefusal(400, 'malformed', `the body is not JSON: ${messageOf(error).slice(0, 200)}`);
  }
  switch (api) {
    case 'chat':
      return { api, body: parsed(chatRequest, value) };
    case 'completion':
      return { api, body: parsed(completionRequest, value) };
    case 'images':
      return { api, body: parsed(imageRequest, value) };
    case 'embeddings':
      return { api, body: parsed(embeddingRequest, value) };
  }
}

/**
 * The task that a request is for: of the model that it names (or, in an open category, of that name), and within its limits.
 * @param meant the task's name where the caller gave one
 * @throws ServerRefusal 404 where none is served, 400 where the request is beyond the limits
 */
export function askedTask(serving: readonly ServedTask[], request: TaskRequest, meant: string | undefined): ServedTask {
  const { model } = request.body;
  const candidates = serving.filter(({ task }) => {
    const isNamed = meant === undefined ? (task.model ?? task.name) === model : task.name === meant;
    return task.enabled && apiOf(task) === request.api && isNamed;
  });
  const faults = candidates.map(({ task }) => requestFault(task, request));
  const found = candidates[faults.indexOf(null)];
  if (found !== undefined) return found;
  if (faults[0] !== undefined) throw new ServerRefusal(400, 'beyond_limits', String(faults[0]));
  throw new ServerRefusal(404, 'no_such_task', `no task of the model ${model} is served here at this path`);
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const { path = [], message = 'no request' } = read.error.issues[0] ?? {};
  throw new ServerRefusal(400, 'malformed', path.length === 0 ? message : `${path.join('.')}: ${message}`);
}
