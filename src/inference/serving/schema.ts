import { z } from 'zod';
import { embeddedEntry, engineModel, engineUrl, localFile, openaiMembers } from '../backends/entry-members.ts';
import { taskName } from '../tasks/schema.ts';

/** More than a period of a day on the largest machine holds. */
const MAX_VOLUME = 1_000_000_000_000;
/** Requests that one backend works on, or that wait for it, at once: each holds its body. */
const MAX_CONCURRENCY = 1024;
const MAX_QUEUE_PLACES = 4096;
const MAX_STEPS = 8;

/** What answers the requests of a task. */
const backend = z.discriminatedUnion('kind', [
  z.strictObject(openaiMembers),
  /** `workflow_file`: a workflow in the API format, with placeholders. */
  z.strictObject({ kind: z.literal('comfyui'), url: engineUrl, workflow_file: localFile }),
  z.strictObject({
    kind: z.literal('automatic1111'),
    url: engineUrl,
    model: engineModel.optional(),
    upscale_factor: z.number().min(1).max(8).optional(),
  }),
  embeddedEntry,
]);
export type BackendSpec = z.output<typeof backend>;

const entry = z
  .strictObject({
    task: taskName,
    /** For all validators together in a period, in the task's unit. */
    volume: z.int().min(1).max(MAX_VOLUME),
    /** Requests that its backend works on at once. */
    concurrency: z.int().min(1).max(MAX_CONCURRENCY).default(1),
    /** Requests that may wait. */
    queue_places: z.int().min(0).max(MAX_QUEUE_PLACES).default(16),
    backend: backend.optional(),
    /** Of a composed workflow: the backend of each of the task's steps. */
    steps: z.array(backend).min(1).max(MAX_STEPS).optional(),
  })
  .refine(({ backend: whole, steps }) => (whole === undefined) !== (steps === undefined), {
    message: 'needs a backend, or for a composed workflow the backends of its steps, and not both',
  });
export type ServeEntry = z.output<typeof entry>;

export const serveFileSchema = z.strictObject({ version: z.literal(1), serve: z.array(entry).max(1000) });
