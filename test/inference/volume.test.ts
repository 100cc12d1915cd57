import { describe, expect, it } from 'vitest';
import { taskNamed } from '../../src/inference/tasks/registry.ts';
import { tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import { answerVolume, requestVolume, tokensOf } from '../../src/inference/volume.ts';
import { chatAnswer, chatRequest } from '../../src/inference/wire/chat.ts';
import { embeddingAnswer, embeddingRequest } from '../../src/inference/wire/embeddings.ts';
import { imageAnswer, imageRequest } from '../../src/inference/wire/images.ts';
import type { TaskAnswer, TaskRequest } from '../../src/inference/wire/request.ts';

const list = tasksOf({ version: 1, presets: { nicheimage: 500_000, vision: 500_000 } }, 'x');
const chat = taskNamed(list, 'chat-small');
const drawing = taskNamed(list, 'text-to-image');
const embedding = taskNamed(list, 'embedding');

const asked = (more: object = {}): TaskRequest => ({
  api: 'chat',
  body: chatRequest.parse({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...more }),
});
const said = (content: string | null): TaskAnswer => ({
  api: 'chat',
  body: chatAnswer.parse({
    ...{ id: '1', model: 'm' },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  }),
});
const images = (body: object): TaskRequest => ({
  api: 'images',
  body: imageRequest.parse({ model: 'm', prompt: 'x', ...body }),
});
const drawn = (count: number): TaskAnswer => ({
  api: 'images',
  body: imageAnswer.parse({ data: Array.from({ length: count }, () => ({ b64_json: 'AAAA' })) }),
});

describe('volume', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['four', 1],
    ['fives', 2],
    ['🙂🙂🙂🙂', 1],
    ['x'.repeat(400), 100],
  ])('tokens of %j: %d', (text, tokens) => {
    expect(tokensOf(text)).toBe(tokens);
  });

  it('of text: what may be written, then what was, never more than was asked', () => {
    expect(requestVolume(chat, asked({ max_tokens: 100 }))).toBe(100);
    expect(requestVolume(chat, asked())).toBe(4096);
    expect(answerVolume(chat, asked({ max_tokens: 100 }), said('x'.repeat(200)))).toBe(50);
    expect(answerVolume(chat, asked({ max_tokens: 100 }), said('x'.repeat(9000)))).toBe(100);
    expect(answerVolume(chat, asked(), said(null))).toBe(0);
  });

  it('of images: steps times images, as far as they came', () => {
    expect(requestVolume(drawing, images({ n: 2, steps: 20 }))).toBe(40);
    expect(requestVolume(drawing, images({}))).toBe(50);
    expect(answerVolume(drawing, images({ n: 2, steps: 20 }), drawn(1))).toBe(20);
    expect(answerVolume(drawing, images({ n: 2, steps: 20 }), drawn(4))).toBe(40);
    expect(answerVolume({ ...drawing, unit: 'images' }, images({ n: 2, steps: 20 }), drawn(2))).toBe(2);
    expect(answerVolume(drawing, images({}), said('x'))).toBe(0);
  });

  it('of embeddings: the tokens of the texts, if each has its vector', () => {
    const request: TaskRequest = {
      api: 'embeddings',
      body: embeddingRequest.parse({ model: 'm', input: ['abcde', 'abcd'] }),
    };
    const answer = (...data: { index: number; embedding: number[] }[]): TaskAnswer => ({
      api: 'embeddings',
      body: embeddingAnswer.parse({ model: 'm', data }),
    });
    const [first, second] = [
      { index: 0, embedding: [0.1, 0.2] },
      { index: 1, embedding: [0.3, 0.4] },
    ];
    expect(requestVolume(embedding, request)).toBe(3);
    expect(answerVolume(embedding, request, answer(second, first))).toBe(3);
    expect(answerVolume(embedding, request, answer(first))).toBe(0);
    expect(answerVolume(embedding, request, answer(first, first))).toBe(0);
    expect(answerVolume(embedding, request, answer(first, { index: 1, embedding: [1] }))).toBe(0);
  });

  it("of NicheImage's text: requests", () => {
    const gemma = taskNamed(list, 'Gemma7b');
    expect(requestVolume(gemma, asked())).toBe(1);
    expect(answerVolume(gemma, asked(), said('yes'))).toBe(1);
    expect(answerVolume(gemma, asked(), said(''))).toBe(0);
  });
});
