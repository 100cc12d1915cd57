import { describe, expect, it } from 'vitest';
import { drawsFrom } from '../../../src/inference/prompts/prompt-seed.ts';
import { canonicalRequest, drawParameters } from '../../../src/inference/prompts/request-parameters.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';
import { taskNamed } from '../../../src/inference/tasks/registry.ts';
import type { TaskRequest } from '../../../src/inference/wire/request.ts';

const list = tasksOf({ version: 1, presets: { nicheimage: 500_000, vision: 500_000 } }, 'x');
const chat = taskNamed(list, 'chat-small');
const image = taskNamed(list, 'image-to-image');
const bodyOf = (request: TaskRequest) => request.body as Record<string, unknown>;
const user = (content: string) => ({ role: 'user' as const, content });
const draws = () => drawsFrom('parameters');

describe('a canonical request', () => {
  const plain: TaskRequest = { api: 'chat', body: { model: 'm', messages: [user('Why?')] } };

  it('has every member, filled where the customer left it out', () => {
    expect(bodyOf(canonicalRequest(chat, plain, draws()))).toEqual({
      ...{ model: 'm', messages: [user('Why?')], max_tokens: 4096, temperature: 1, top_p: 1 },
      ...{ seed: draws().below(2 ** 32), stream: true, stream_options: { include_usage: true } },
      ...{ logprobs: true, top_logprobs: 1 },
    });
  });

  it("brings a customer's own to the grid, in the order of all others", () => {
    const own: TaskRequest = {
      api: 'chat',
      body: {
        ...{ stream: false, stop: ['\n'], seed: 42, top_p: 0.93, temperature: 0.72, max_tokens: 200, top_logprobs: 5 },
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Why?' }] }],
        model: 'm',
      },
    };
    const canonical = canonicalRequest(chat, own, draws());
    expect(bodyOf(canonical)).toMatchObject({ max_tokens: 256, temperature: 0.7, top_p: 0.95, top_logprobs: 1 });
    expect(bodyOf(canonical)['messages']).toEqual([user('Why?')]);
    expect(Object.keys(canonical.body)).toEqual(Object.keys(canonicalRequest(chat, plain, draws()).body));
    // The same for the same customer's request, and neither small nor the same in all of its requests.
    const seeds = ['Why?', 'Why?', 'When?'].map((text) => {
      const request: TaskRequest = { api: 'chat', body: { model: 'm', seed: 42, messages: [user(text)] } };
      return bodyOf(canonicalRequest(chat, request, drawsFrom(text)))['seed'];
    });
    expect(seeds[0]).toBe(seeds[1]);
    expect(new Set([...seeds, 42]).size).toBe(3);
  });

  it('of images has the nearest size of the grid', () => {
    const sized = (size: string): TaskRequest => ({
      api: 'images',
      body: { model: 'm', prompt: 'a fox', n: 3, size, response_format: 'b64_json', steps: 500, image: 'AAAA' },
    });
    const canonical = canonicalRequest(image, sized('1000x1010'), draws());
    expect(bodyOf(canonical)).toMatchObject({ n: 1, size: '1024x1024', steps: 50, strength: 0.75 });
    expect(bodyOf(canonicalRequest(image, sized('1920x1080'), draws()))['size']).toBe('1344x768');
    expect(bodyOf(canonicalRequest(image, sized('400x420'), draws()))['size']).toBe('512x512');
  });

  it('is itself again', () => {
    const names = ['chat-small', 'completion', 'image-to-image', 'inpaint', 'upscale', 'embedding', 'Llama3_70b'];
    const seeded = drawsFrom('again');
    for (const name of names) {
      const task = taskNamed(list, name);
      const asked: TaskRequest =
        task.kind === 'embedding'
          ? { api: 'embeddings', body: { model: 'm', input: 'Why?', encoding_format: 'float' } }
          : task.kind === 'completion'
            ? { api: 'completion', body: { model: 'm', prompt: 'Why?' } }
            : task.kind === 'chat'
              ? plain
              : { api: 'images', body: { model: 'm', prompt: '', n: 1, response_format: 'b64_json', image: 'AAAA' } };
      const once = canonicalRequest(task, drawParameters(task, asked, seeded), seeded);
      const unseeded = (request: TaskRequest) => JSON.stringify({ ...request.body, seed: 0 });
      expect(unseeded(canonicalRequest(task, once, seeded))).toBe(unseeded(once));
    }
  });
});
