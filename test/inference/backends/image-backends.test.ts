import { afterEach, describe, expect, it } from 'vitest';
import { createAutomatic1111Backend } from '../../../src/inference/backends/automatic1111-backend.ts';
import type { Backend } from '../../../src/inference/backends/backend.ts';
import { createComfyUiBackend } from '../../../src/inference/backends/comfyui-backend.ts';
import { filledWorkflow, workflowFault } from '../../../src/inference/backends/comfyui-workflow.ts';
import { imageValues } from '../../../src/inference/backends/image-values.ts';
import { createStepsBackend } from '../../../src/inference/backends/steps-backend.ts';
import type { TaskKind } from '../../../src/inference/tasks/task.ts';
import { imageRequest } from '../../../src/inference/wire/images.ts';
import type { TaskAnswer, TaskRequest } from '../../../src/inference/wire/request.ts';
import { startAutomatic1111, startComfyUi } from '../../support/image-engines.ts';
import type { ImageEngine } from '../../support/image-engines.ts';

const network = { userAgent: 'seine-test' };
const call = { timeoutMs: 10_000 };
const IMAGE = Buffer.from('an image').toString('base64');
const MASK = Buffer.from('a mask').toString('base64');
const open: (Backend | ImageEngine)[] = [];

afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
});

function asked(over: object = {}): TaskRequest {
  const whole = { model: 'm', prompt: 'a "weir"\n', seed: 5, steps: 30, size: '640x512', ...over };
  return { api: 'images', body: imageRequest.parse(whole) };
}

/** What each image of an answer says it was made by. */
function made(answer: TaskAnswer): string[] {
  if (answer.api !== 'images') throw new Error('no images');
  return answer.body.data.map((image) => Buffer.from(image.b64_json, 'base64').toString());
}

const workflow = {
  3: {
    class_type: 'KSampler',
    inputs: {
      seed: '{{seed}}',
      steps: '{{steps}}',
      cfg: '{{guidance_scale}}',
      denoise: '{{strength}}',
      model: ['4', 0],
    },
  },
  5: { class_type: 'EmptyLatentImage', inputs: { width: '{{width}}', height: '{{ height }}', batch_size: 1 } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}, best quality {{unrelated', clip: ['4', 1] } },
  7: { class_type: 'CLIPTextEncode', inputs: { text: '{{negative_prompt}}', clip: ['4', 1] } },
  8: { class_type: 'LoadImage', inputs: { image: '{{image}}' } },
  10: { class_type: 'LoadImageMask', inputs: { image: '{{mask}}', channel: 'red' } },
};

async function comfyUi(mode?: Parameters<typeof startComfyUi>[0]): Promise<{ engine: ImageEngine; backend: Backend }> {
  const engine = await startComfyUi(mode);
  const backend = createComfyUiBackend({ baseUrl: engine.url, network, workflow, pollMs: 5 });
  open.push(backend, engine);
  return { engine, backend };
}

async function automatic1111(
  kind: TaskKind,
  over: { model?: string; mode?: 'failing' } = {},
): Promise<{ engine: ImageEngine; backend: Backend }> {
  const engine = await startAutomatic1111(over.mode);
  const model = over.model === undefined ? {} : { model: over.model };
  const backend = createAutomatic1111Backend({ baseUrl: engine.url, network, kind, ...model });
  open.push(backend, engine);
  return { engine, backend };
}

describe('a workflow of ComfyUI', () => {
  it('gets values of their own types, and text as it is', () => {
    const filled = filledWorkflow(workflow, { ...imageValues(imageRequest.parse(asked().body)), image: 'in/a.png' });
    expect(filled[3]?.inputs).toEqual({ seed: 5, steps: 30, cfg: 7, denoise: 0.75, model: ['4', 0] });
    expect(filled[5]?.inputs).toEqual({ width: 640, height: 512, batch_size: 1 });
    expect(filled[6]?.inputs['text']).toBe('a "weir"\n, best quality {{unrelated');
    expect(filled[8]?.inputs).toEqual({ image: 'in/a.png' });
  });

  it('takes a prompt that looks like a placeholder as text', () => {
    const values = imageValues(imageRequest.parse({ model: 'm', prompt: '{{seed}} $& $1' }));
    expect(filledWorkflow(workflow, values)[6]?.inputs['text']).toBe('{{seed}} $& $1, best quality {{unrelated');
  });

  it('is refused where it is none, or has no place for what requests bring', () => {
    for (const value of [null, [], {}, 'x', { nodes: [], links: [] }, { 3: { class_type: 'A' } }]) {
      expect(workflowFault(value, [])).toContain('Export (API)');
    }
    expect(workflowFault(workflow, ['prompt', 'image', 'mask'])).toBeNull();
    const bare = { 1: { class_type: 'A', inputs: { text: '{{prompt}}' } } };
    expect(workflowFault(bare, ['prompt', 'seed', 'image'])).toContain('no {{seed}} and no {{image}}');
    expect(workflowFault({ 1: { class_type: 'A', inputs: { text: '{{promt}}' } } }, [])).toContain('{{promt}}');
  });
});

describe('ComfyUI', () => {
  it('makes images by its workflow, of uploads where the request brings images', async () => {
    const { engine, backend } = await comfyUi();
    const images = made(await backend.answer(asked({ n: 2, image: IMAGE, mask: MASK }), call));
    const inputs = images.map((image) => JSON.parse(image) as { prompt: typeof workflow; uploads: string[] });
    expect(inputs.map(({ prompt }) => prompt[3].inputs.seed)).toEqual([5, 6]);
    expect(inputs[0]?.prompt[8].inputs.image).toBe('in/upload1.png');
    expect(inputs[0]?.prompt[10].inputs.image).toBe('in/upload2.png');
    expect(inputs[0]?.uploads).toEqual(['an image', 'a mask']);
    expect(engine.seen.filter(({ route }) => route === 'POST /upload/image')).toHaveLength(2);
    expect(engine.seen.some(({ route }) => route === 'POST /queue')).toBe(false);
  });

  it.each([
    ['broken', 'BackendFailed', 'broke off'],
    ['empty', 'BackendFailed', 'saved no image'],
    ['refusing', 'BackendUnsupported', 'Value not in list'],
  ] as const)('that is %s is a %s', async (mode, name, message) => {
    const { backend } = await comfyUi(mode);
    const answer = backend.answer(asked(), call);
    await expect(answer).rejects.toMatchObject({ name, message: expect.stringContaining(message) as string });
  });

  it('has a prompt taken out of its queue when its time is over or its caller gone', async () => {
    const { engine, backend } = await comfyUi('slow');
    await expect(backend.answer(asked(), { timeoutMs: 100 })).rejects.toMatchObject({ name: 'BackendFailed' });
    const caller = new AbortController();
    const answer = backend.answer(asked(), { ...call, signal: caller.signal });
    await expect.poll(() => engine.seen.filter(({ route }) => route === 'GET /history/id-1').length).toBeGreaterThan(0);
    caller.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    const taken = engine.seen.filter(({ route }) => route === 'POST /queue').map(({ body }) => body);
    expect(taken).toEqual(['{"delete":["id-0"]}', '{"delete":["id-1"]}']);
  });
});

describe('Stable Diffusion web UI', () => {
  it('makes images of text', async () => {
    const { backend } = await automatic1111('text-to-image', { model: 'sd.safetensors' });
    const images = made(await backend.answer(asked({ n: 2 }), call));
    expect(images.map((image) => image.slice(0, 9))).toEqual(['txt2img 0', 'txt2img 1']);
    expect(JSON.parse(images[0]?.slice(9) ?? '')).toEqual({
      ...{ prompt: 'a "weir"\n', negative_prompt: '', seed: 5, steps: 30, cfg_scale: 7, width: 640, height: 512 },
      ...{ batch_size: 2, override_settings: { sd_model_checkpoint: 'sd.safetensors' } },
      override_settings_restore_afterwards: false,
    });
  });

  it('changes and fills images', async () => {
    const { backend } = await automatic1111('inpaint');
    const [image = ''] = made(await backend.answer(asked({ image: IMAGE, mask: MASK, strength: 0.4 }), call));
    expect(image).toContain('img2img');
    expect(JSON.parse(image.slice(9))).toMatchObject({
      ...{ init_images: [IMAGE], mask: MASK, inpainting_fill: 1, denoising_strength: 0.4, inpaint_full_res: false },
    });
  });

  it('enlarges images', async () => {
    const { backend } = await automatic1111('upscale', { model: 'SwinIR_4x' });
    const [image = ''] = made(await backend.answer(asked({ image: IMAGE }), call));
    const body: unknown = JSON.parse(image.slice('extra-single-image '.length));
    expect(body).toEqual({ image: IMAGE, upscaling_resize: 4, resize_mode: 0, upscaler_1: 'SwinIR_4x' });
  });

  it('fails by the names that all backends do', async () => {
    const { backend } = await automatic1111('text-to-image', { mode: 'failing' });
    await expect(backend.answer(asked(), call)).rejects.toMatchObject({ name: 'BackendFailed' });
    const other = await automatic1111('conditional-image');
    await expect(other.backend.answer(asked(), call)).rejects.toMatchObject({ name: 'BackendUnsupported' });
    const chat: TaskRequest = { api: 'chat', body: { model: 'm', messages: [{ role: 'user', content: 'a' }] } };
    const rightly = await automatic1111('text-to-image');
    await expect(rightly.backend.answer(chat, call)).rejects.toMatchObject({ name: 'BackendUnsupported' });
  });
});

describe('a composed workflow', () => {
  it('gives each step the image of the one before, by its own backend', async () => {
    const first = await automatic1111('image-to-image');
    const second = await comfyUi();
    const steps = [
      { kind: 'image-to-image', model: 'one' },
      { kind: 'upscale', model: 'two' },
    ] as const;
    const backend = createStepsBackend(steps, [first.backend, second.backend]);
    const images = made(await backend.answer(asked({ image: IMAGE, n: 2 }), call));
    expect(images).toHaveLength(2);
    const { uploads } = JSON.parse(images[1] ?? '') as { uploads: string[] };
    expect(uploads.map((upload) => upload.slice(0, 9))).toEqual(['img2img 0', 'img2img 0']);
    expect(uploads[0]).toContain(`"init_images":["${IMAGE}"]`);
    // Two avatars of one request are two.
    expect(uploads.map((upload) => /"seed":(\d)/.exec(upload)?.[1])).toEqual(['5', '6']);
  });

  it('fails once its time is over, which is for all steps together', async () => {
    const { backend: slow } = await comfyUi('slow');
    const backend = createStepsBackend([{ kind: 'upscale', model: 'one' }], [slow]);
    const answer = backend.answer(asked({ image: IMAGE }), { timeoutMs: 60 });
    await expect(answer).rejects.toMatchObject({ name: 'BackendFailed' });
    const gone = new AbortController();
    const left = backend.answer(asked({ image: IMAGE }), { timeoutMs: 10_000, signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
  });

  it('fails where a step does', async () => {
    const first = await automatic1111('image-to-image', { mode: 'failing' });
    const backend = createStepsBackend([{ kind: 'image-to-image', model: 'one' }], [first.backend]);
    await expect(backend.answer(asked({ image: IMAGE }), call)).rejects.toMatchObject({ name: 'BackendFailed' });
  });
});
