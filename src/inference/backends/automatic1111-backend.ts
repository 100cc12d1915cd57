import { z } from 'zod';
import type { TaskKind } from '../tasks/task.ts';
import type { ImageRequest } from '../wire/images.ts';
import type { AnswerOptions, Backend } from './backend.ts';
import { createEngineClient } from './engine-client.ts';
import type { EngineClientOptions } from './engine-client.ts';
import { BackendUnsupported } from './errors.ts';
import { callBounds, callFailure, imageRequestOf, imagesAnswer, imageValues } from './image-values.ts';
import { readJsonAs } from './read-json.ts';

/** What Stable Diffusion web UI's own API does; a conditional image takes an extension, whose version decides its members. */
export const AUTOMATIC1111_KINDS: readonly TaskKind[] = ['text-to-image', 'image-to-image', 'inpaint', 'upscale'];

export interface Automatic1111Options extends EngineClientOptions {
  kind: TaskKind;
  /** Title of the checkpoint to use, or of the upscaler. @default the checkpoint that is loaded; the upscaler `R-ESRGAN 4x+` */
  model?: string;
  /** How much larger `upscale` makes a side. @default 4 */
  upscaleFactor?: number;
}

/** An upscaler that comes with the web UI. */
const USUAL_UPSCALER = 'R-ESRGAN 4x+';
/** "original": what lies under the mask is what is changed, and not noise or one colour in its place. */
const INPAINT_FROM_ORIGINAL = 1;
/** The API's own default enlarges a cut-out of the mask and paints that, without what is around it; the page's, and other engines', is the whole picture. */
const ONLY_CUT_OUT = false;

const manyImages = z.object({ images: z.array(z.string()).min(1) });
const oneImage = z.object({ image: z.string() });

/** Stable Diffusion web UI (Automatic1111, Forge) by its API, started with `--api`. Throws InvalidInputError for a base URL that is none. */
export function createAutomatic1111Backend(options: Automatic1111Options): Backend {
  const { kind, model } = options;
  const engine = createEngineClient(options);

  async function post<Schema extends z.ZodType>(path: string, body: object, schema: Schema, call: AnswerOptions) {
    return readJsonAs(schema, (await engine.post(`/sdapi/v1/${path}`, body, callBounds(call))).body);
  }

  async function images(request: ImageRequest, call: AnswerOptions): Promise<string[]> {
    if (kind === 'upscale') {
      const body = { image: request.image, upscaling_resize: options.upscaleFactor ?? 4 };
      const upscaler = { resize_mode: 0, upscaler_1: model ?? USUAL_UPSCALER };
      return [(await post('extra-single-image', { ...body, ...upscaler }, oneImage, call)).image];
    }
    const body = { ...drawn(request), ...(model === undefined ? {} : checkpoint(model)) };
    if (kind === 'text-to-image') return (await post('txt2img', body, manyImages, call)).images;
    const given = { init_images: [request.image], denoising_strength: imageValues(request).strength };
    const painted = { inpainting_fill: INPAINT_FROM_ORIGINAL, inpaint_full_res: ONLY_CUT_OUT };
    const mask = request.mask === undefined ? {} : { mask: request.mask, ...painted };
    return (await post('img2img', { ...body, ...given, ...mask }, manyImages, call)).images;
  }

  return {
    async answer(request, call) {
      if (!AUTOMATIC1111_KINDS.includes(kind)) throw new BackendUnsupported(engine.name, `it does not do ${kind}`);
      const asked = imageRequestOf(engine.name, request);
      try {
        const made = (await images(asked, call)).slice(0, asked.n);
        return imagesAnswer(engine.name, made);
      } catch (error) {
        throw callFailure(engine.name, error, call);
      }
    },
    close: () => engine.close(),
  };
}

function drawn(request: ImageRequest): object {
  const { prompt, negative_prompt, seed, steps, guidance_scale, width, height } = imageValues(request);
  return { prompt, negative_prompt, seed, steps, cfg_scale: guidance_scale, width, height, batch_size: request.n };
}

/** Requests of other tasks may be for another checkpoint: each names its own, and none is loaded again afterwards. */
function checkpoint(model: string): object {
  return { override_settings: { sd_model_checkpoint: model }, override_settings_restore_afterwards: false };
}
