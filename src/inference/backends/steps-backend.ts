import type { TaskKind, TaskStep } from '../tasks/task.ts';
import type { ImageRequest } from '../wire/images.ts';
import type { TaskRequest } from '../wire/request.ts';
import type { AnswerOptions, Backend } from './backend.ts';
import { BackendFailed } from './errors.ts';
import { imageRequestOf } from './image-values.ts';

/**
 * A composed workflow: each step is given the image of the step before, the first that of the request, and the whole request's prompt, seed and size.
 * @param backends one a step, in their order; closed with this one
 */
export function createStepsBackend(steps: readonly TaskStep[], backends: readonly Backend[]): Backend {
  async function one(request: ImageRequest, seedOffset: number, call: AnswerOptions) {
    const seed = request.seed === undefined ? {} : { seed: request.seed + seedOffset };
    let body: ImageRequest = { ...request, ...seed, n: 1 };
    const made = [];
    for (const [index, step] of steps.entries()) {
      const answer = await backends[index]?.answer(stepRequest(step, body), call);
      const image = answer?.api === 'images' ? answer.body.data[0] : undefined;
      if (image === undefined) throw new BackendFailed('of steps', `step ${index + 1} made no image`);
      made.push(image);
      body = { ...body, image: image.b64_json };
    }
    // What is not safe in any step is not safe at the end.
    const isUnsafe = made.some(({ is_nsfw: isNsfw }) => isNsfw === true);
    return { b64_json: made.at(-1)?.b64_json ?? '', ...(isUnsafe ? { is_nsfw: true } : {}) };
  }

  return {
    async answer(request, { timeoutMs, signal }) {
      const asked = imageRequestOf('of steps', request);
      const deadline = AbortSignal.timeout(timeoutMs);
      const call = { timeoutMs, signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) };
      const data = [];
      try {
        for (let index = 0; index < asked.n; index += 1) data.push(await one(asked, index, call));
      } catch (error) {
        if (deadline.aborted && signal?.aborted !== true) throw new BackendFailed('of steps', 'timed out', error);
        throw error;
      }
      return { api: 'images', body: { data } };
    },
    close: async () => {
      await Promise.all(backends.map((backend) => backend.close()));
    },
  };
}

/** A kind takes an image, or a mask, only where it has use for one. */
const WITHOUT_IMAGE: readonly TaskKind[] = ['text-to-image'];
const WITH_MASK: readonly TaskKind[] = ['inpaint'];

function stepRequest({ kind, model }: TaskStep, body: ImageRequest): TaskRequest {
  const { image, mask, ...rest } = body;
  return {
    api: 'images',
    body: {
      ...rest,
      model,
      ...(image === undefined || WITHOUT_IMAGE.includes(kind) ? {} : { image }),
      ...(mask === undefined || !WITH_MASK.includes(kind) ? {} : { mask }),
    },
  };
}
