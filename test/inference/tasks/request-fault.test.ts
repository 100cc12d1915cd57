import { describe, expect, it } from 'vitest';
import { requestFault } from '../../../src/inference/tasks/request-fault.ts';
import { taskNamed } from '../../../src/inference/tasks/registry.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';
import { chatRequest } from '../../../src/inference/wire/chat.ts';
import { completionRequest } from '../../../src/inference/wire/completion.ts';
import { embeddingRequest } from '../../../src/inference/wire/embeddings.ts';
import { imageRequest } from '../../../src/inference/wire/images.ts';
import type { TaskRequest } from '../../../src/inference/wire/request.ts';

const list = tasksOf({ version: 1, presets: { nicheimage: 500_000, vision: 500_000 } }, 'x');
const gemma = taskNamed(list, 'Gemma7b');
const pixtral = taskNamed(list, 'Pixtral_12b');
const upscale = taskNamed(list, 'upscale');
const flux = taskNamed(list, 'FluxSchnell');
const inpaint = tasksOf(
  { version: 1, tasks: [{ name: 'inpaint', kind: 'inpaint', model: 'm', weight_ppm: 1_000_000 }] },
  'x',
).tasks[0]!;

const chat = (content: unknown, more: object = {}, model = 'google/gemma-7b-it'): TaskRequest => ({
  api: 'chat',
  body: chatRequest.parse({ model, messages: [{ role: 'user', content }], ...more }),
});
const image = (body: object): TaskRequest => ({ api: 'images', body: imageRequest.parse(body) });
const withImage = (bytes: number) => [
  { type: 'text', text: 'what is it?' },
  { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(bytes)}` } },
];
const upscaling = (bytes: number) => image({ model: 'esrgan-v1-x2plus', image: 'A'.repeat(bytes) });

describe('limits of requests', () => {
  it('text is under 1 KB of UTF-8, all messages together', () => {
    expect(requestFault(gemma, chat('a'.repeat(1023)))).toBeNull();
    expect(requestFault(gemma, chat('a'.repeat(1024)))).toBe('1024 bytes of text, at most 1023 may come');
    expect(requestFault(gemma, chat('é'.repeat(512)))).toContain('1024 bytes');
  });

  it('nothing is asked for nothing: an engine reads a prompt however little it then writes', () => {
    const completion = taskNamed(list, 'completion');
    const model = completion.model ?? '';
    const of = (more: object): TaskRequest => ({
      api: 'completion',
      body: completionRequest.parse({ model, prompt: 'once', ...more }),
    });
    expect(requestFault(completion, of({ max_tokens: 0, echo: true }))).toBe('it asks for no tokens');
    expect(requestFault(completion, of({ max_tokens: 1 }))).toBeNull();
    const embedding = taskNamed(list, 'embedding');
    const empty = embeddingRequest.parse({ model: embedding.model, input: ['', ''] });
    expect(requestFault(embedding, { api: 'embeddings', body: empty })).toBe('it asks for no tokens');
  });

  it('images have 100 KB to 5 MB in base64', () => {
    expect(requestFault(upscale, upscaling(102_396))).toContain('an image of 102396 bytes');
    expect(requestFault(upscale, upscaling(102_400))).toBeNull();
    expect(requestFault(upscale, upscaling(5 * 1024 * 1024))).toBeNull();
    expect(requestFault(upscale, upscaling(5 * 1024 * 1024 + 4))).toContain('may come');
    const model = 'mistralai/Pixtral-12B-2409';
    expect(requestFault(pixtral, chat(withImage(102_400), {}, model))).toBeNull();
    expect(requestFault(pixtral, chat(withImage(40), {}, model))).toContain('an image of 40 bytes');
    expect(requestFault(pixtral, chat('no image', {}, model))).toBe('Pixtral_12b needs an image');
    expect(requestFault(gemma, chat(withImage(102_400)))).toBe('Gemma7b takes no image');
  });

  it('a mask may be small, and is no larger than an image', () => {
    const most = inpaint.limits.image_max_bytes;
    const body = { model: 'm', prompt: 'a fox', image: 'A'.repeat(inpaint.limits.image_min_bytes) };
    expect(requestFault(inpaint, image({ ...body, mask: 'AAAA' }))).toBeNull();
    expect(requestFault(inpaint, image({ ...body, mask: 'A'.repeat(most + 4) }))).toContain('a mask of');
  });

  it('amounts are within the task', () => {
    expect(requestFault(gemma, chat('hello', { max_tokens: 1024 }))).toBeNull();
    expect(requestFault(gemma, chat('hello', { max_tokens: 1025 }))).toBe('max_tokens 1025, at most 1024');
    const body = { model: flux.model, prompt: 'a fox' };
    expect(requestFault(flux, image({ ...body, steps: 50 }))).toBeNull();
    expect(requestFault(flux, image({ ...body, steps: 51 }))).toBe('51 steps, at most 50');
    expect(requestFault(flux, image({ ...body, n: 2 }))).toBe('2 images, at most 1');
  });

  it('a request is of its task', () => {
    expect(requestFault(flux, chat('a fox'))).toBe('FluxSchnell is asked by images, not by chat');
    expect(requestFault(gemma, chat('hello', {}, 'other'))).toBe('Gemma7b is the model google/gemma-7b-it, not other');
    expect(requestFault(flux, image({ model: flux.model }))).toBe('text-to-image needs prompt');
    expect(requestFault(flux, image({ model: flux.model, prompt: 'x', image: 'AAAA' }))).toBe(
      'text-to-image takes no image',
    );
    expect(requestFault({ ...gemma, enabled: false }, chat('hello'))).toBe('Gemma7b is not enabled');
    expect(requestFault(taskNamed(list, 'OpenGeneral'), image({ model: 'anything', prompt: 'a fox' }))).toBeNull();
  });
});
