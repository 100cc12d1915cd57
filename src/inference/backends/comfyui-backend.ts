import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { ImageRequest } from '../wire/images.ts';
import type { AnswerOptions, Backend } from './backend.ts';
import { filledWorkflow } from './comfyui-workflow.ts';
import type { ComfyWorkflow } from './comfyui-workflow.ts';
import { createEngineClient } from './engine-client.ts';
import type { EngineClientOptions } from './engine-client.ts';
import { BackendFailed } from './errors.ts';
import { callBounds, callFailure, imageRequestOf, imagesAnswer, imageValues } from './image-values.ts';
import { readJsonAs } from './read-json.ts';

export interface ComfyUiOptions extends EngineClientOptions {
  /** In the API format, with placeholders (comfyui-workflow.ts); it must end in a node that saves images. */
  workflow: ComfyWorkflow;
  /** How often it is asked whether a prompt is done. @default 250 */
  pollMs?: number;
}

const queued = z.object({ prompt_id: z.string().regex(/^[\w-]{1,64}$/) });
const savedImage = z.object({ filename: z.string(), subfolder: z.string().default(''), type: z.string() });
const entry = z.object({
  outputs: z.record(z.string(), z.object({ images: z.array(savedImage).optional() })),
  status: z.object({ status_str: z.string().max(40), completed: z.boolean() }).optional(),
});
const history = z.record(z.string(), entry);
const uploaded = z.object({ name: z.string().min(1), subfolder: z.string().default('') });

type SavedImage = z.output<typeof savedImage>;

/** What taking a prompt out of the queue may take, once its caller is gone. */
const DELETE_WITHIN_MS = 5000;

/** ComfyUI by its HTTP routes: a workflow is queued, its history looked at until it is done, its images fetched. Throws InvalidInputError for a base URL that is none. */
export function createComfyUiBackend(options: ComfyUiOptions): Backend {
  const { workflow, pollMs = 250 } = options;
  const engine = createEngineClient(options);

  async function upload(image: string, call: AnswerOptions): Promise<string> {
    const { body, contentType } = multipart(Buffer.from(image, 'base64'), `${randomUUID()}.png`);
    const page = await engine.ask('/upload/image', {
      ...callBounds(call),
      ...{ body, headers: { 'content-type': contentType } },
    });
    const { name, subfolder } = readJsonAs(uploaded, page.body);
    return subfolder === '' ? name : `${subfolder}/${name}`;
  }

  async function make(filled: ComfyWorkflow, call: AnswerOptions): Promise<string> {
    const body = { prompt: filled, client_id: randomUUID() };
    const { prompt_id: id } = readJsonAs(queued, (await engine.post('/prompt', body, callBounds(call))).body);
    try {
      const image = await finished(id, call);
      const page = await engine.ask(`/view?${new URLSearchParams(image).toString()}`, callBounds(call));
      return Buffer.from(page.body).toString('base64');
    } catch (error) {
      // An image that is begun is finished: an interruption without a name, which is all that older versions know, might hit another's.
      await engine.post('/queue', { delete: [id] }, { timeoutMs: DELETE_WITHIN_MS }).catch(() => undefined);
      throw error;
    }
  }

  async function finished(id: string, call: AnswerOptions): Promise<SavedImage> {
    for (;;) {
      const found = readJsonAs(history, (await engine.ask(`/history/${id}`, callBounds(call))).body)[id];
      if (found?.status?.status_str === 'error') throw new BackendFailed(engine.name, 'the workflow broke off');
      if (found !== undefined && found.status?.completed !== false) {
        const images = Object.values(found.outputs).flatMap((output) => output.images ?? []);
        const image = images.find(({ type }) => type === 'output');
        if (image === undefined) throw new BackendFailed(engine.name, 'the workflow saved no image');
        return image;
      }
      await pause(pollMs, undefined, call.signal === undefined ? {} : { signal: call.signal });
    }
  }

  async function images(request: ImageRequest, call: AnswerOptions): Promise<string[]> {
    const image = request.image === undefined ? {} : { image: await upload(request.image, call) };
    const mask = request.mask === undefined ? {} : { mask: await upload(request.mask, call) };
    const values = { ...imageValues(request), ...image, ...mask };
    const made: string[] = [];
    // One workflow makes one image: the size of a batch is a matter of its nodes.
    for (let index = 0; index < request.n; index += 1) {
      made.push(await make(filledWorkflow(workflow, { ...values, seed: values.seed + index }), call));
    }
    return made;
  }

  return {
    async answer(request, { timeoutMs, signal }) {
      const asked = imageRequestOf(engine.name, request);
      const deadline = AbortSignal.timeout(timeoutMs);
      const call = { timeoutMs, signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) };
      try {
        return imagesAnswer(engine.name, await images(asked, call));
      } catch (error) {
        if (deadline.aborted && signal?.aborted !== true) throw new BackendFailed(engine.name, 'timed out', error);
        throw callFailure(engine.name, error, call);
      }
    },
    close: () => engine.close(),
  };
}

/** A form with one file (RFC 7578), as the upload of an image takes it. */
function multipart(image: Uint8Array, filename: string): { body: Uint8Array; contentType: string } {
  const boundary = `seine-${randomUUID()}`;
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="image"; filename="${filename}"\r\ncontent-type: image/png\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), image, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}
