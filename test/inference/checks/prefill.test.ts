import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngineClient } from '../../../src/inference/backends/engine-client.ts';
import type { EngineClient } from '../../../src/inference/backends/engine-client.ts';
import { createEchoPrefill } from '../../../src/inference/checks/echo-prefill.ts';
import type { TextRequest } from '../../../src/inference/checks/prefill.ts';
import { createVllmPrefill } from '../../../src/inference/checks/vllm-prefill.ts';

const chat: TextRequest = { api: 'chat', body: { model: 'm', messages: [{ role: 'user', content: 'a $& question' }] } };
const completion: TextRequest = { api: 'completion', body: { model: 'm', prompt: 'Say: ' } };

let server: Server;
let engine: EngineClient;
let asked: { path: string; body: Record<string, unknown> }[] = [];
let answer: unknown;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      asked.push({ path: request.url ?? '', body });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  engine = createEngineClient({ baseUrl, network: { userAgent: 'seine-test' } });
});
afterAll(async () => {
  await engine.close();
  server.close();
});

/** As vLLM writes it: keys are the numbers of tokens, in no order. */
const read = {
  prompt_token_ids: [9, 7, 300, 12],
  prompt_logprobs: [
    null,
    { '7': { logprob: -1, rank: 1, decoded_token: '<|assistant|>' } },
    {
      '8': { logprob: -0.1, rank: 1, decoded_token: ' no' },
      '300': { logprob: -6, rank: 44, decoded_token: ' yes' },
      '2': { logprob: -3, rank: 2, decoded_token: '<|im_end|>' },
    },
    { '12': { logprob: -0.2, rank: 1, decoded_token: '.' } },
  ],
};
const tokens = [
  {
    ...{ text: ' yes', logprob: -6, rank: 44, end_logprob: -3 },
    top: [
      { text: ' no', logprob: -0.1 },
      { text: '<|im_end|>', logprob: -3 },
      { text: ' yes', logprob: -6 },
    ],
  },
  { text: '.', logprob: -0.2, rank: 1, end_logprob: null, top: [{ text: '.', logprob: -0.2 }] },
];

describe("prefill by vLLM's API", () => {
  it('reads a chat to its end', async () => {
    const top_logprobs = [{ token: '<|im_end|>', logprob: -0.5 }];
    const content = [{ token: '<|im_end|>', logprob: -0.5, top_logprobs }];
    answer = { ...read, choices: [{ index: 0, message: {}, finish_reason: 'stop', logprobs: { content } }] };
    asked = [];
    const prefill = createVllmPrefill({ engine, model: 'theirs', timeoutMs: 5000 });
    // The template cut the white space at its end.
    expect(await prefill(chat, ' yes.\n')).toEqual({ tokens, end_logprob: -0.5 });
    expect(asked).toEqual([
      {
        path: '/v1/chat/completions',
        body: {
          ...{ model: 'theirs', max_tokens: 1, temperature: 0, prompt_logprobs: 20, return_token_ids: true },
          ...{ add_generation_prompt: false, continue_final_message: true, logprobs: true, top_logprobs: 20 },
          messages: [...chat.body.messages, { role: 'assistant', content: ' yes.\n' }],
        },
      },
    ]);
  });

  it('reads a completion, whose prompt is stated in its choice', async () => {
    const logprobs = { tokens: [' and'], token_logprobs: [-0.3], top_logprobs: [{ ' and': -0.3, '</s>': -2 }] };
    answer = { choices: [{ index: 0, text: ' and', ...read, logprobs }] };
    const prefill = createVllmPrefill({ engine, timeoutMs: 5000, endTokens: ['<|im_end|>'] });
    expect(await prefill(completion, ' yes.')).toEqual({ tokens, end_logprob: null });
    expect(await createVllmPrefill({ engine, timeoutMs: 5000 })(completion, ' yes.')).toMatchObject({
      end_logprob: -2,
    });
  });

  it.each<[string, unknown, string]>([
    ['other tokens than the answer', { ...read, choices: [{}] }, ' no.'],
    ['no probabilities of the prompt', { choices: [{}] }, ' yes.'],
    ['a position too few', { ...read, prompt_token_ids: [9, 7, 300], choices: [{}] }, ' yes.'],
    ['no probability of a token', { ...read, prompt_token_ids: [9, 7, 301, 12], choices: [{}] }, ' yes.'],
  ])('fails by %s', async (_, said, text) => {
    answer = said;
    const prefill = createVllmPrefill({ engine, timeoutMs: 5000 });
    await expect(prefill(chat, text)).rejects.toMatchObject({ name: 'BackendFailed' });
  });
});

describe('prefill by an echo', () => {
  const listed = (texts: string[], last: Record<string, number>) => ({
    tokens: texts,
    token_logprobs: texts.map((_, index) => (index === 0 ? null : -index)),
    top_logprobs: texts.map((text, index) =>
      index === 0 ? null : index === texts.length - 1 ? last : { best: -0.1, [text]: -index },
    ),
  });

  it('reads all but the token that was generated', async () => {
    const logprobs = listed(['Say:', ' yes', '.', ' and'], { ' and': -0.2, '</s>': -3 });
    answer = { choices: [{ index: 0, text: 'Say: yes. and', finish_reason: 'length', logprobs }] };
    asked = [];
    const seen = await createEchoPrefill({ engine, timeoutMs: 5000 })(completion, ' yes.');
    expect(seen.tokens).toMatchObject([
      { text: ' yes', logprob: -1, rank: 2, end_logprob: null },
      { text: '.', logprob: -2, rank: 2 },
    ]);
    expect(seen.end_logprob).toBe(-3);
    expect(asked[0]?.body).toMatchObject({ prompt: 'Say:  yes.', echo: true, max_tokens: 1, logprobs: 20 });
  });

  it('takes an end that is written as nothing for certain', async () => {
    const logprobs = listed(['Say:', ' yes', '.'], { '.': -0.1 });
    answer = { choices: [{ index: 0, text: 'Say: yes.', finish_reason: 'stop', logprobs }] };
    const seen = await createEchoPrefill({ engine, timeoutMs: 5000 })(completion, ' yes.');
    expect(seen).toMatchObject({ tokens: [{ text: ' yes' }, { text: '.' }], end_logprob: 0 });
  });

  it('writes a chat as one text by its format, and takes none without', async () => {
    answer = { choices: [{ logprobs: listed(['x', 'A:', ' yes', ' and'], {}) }] };
    asked = [];
    const format = { turn: '[{role}] {content}\n', answer: 'A:' };
    await createEchoPrefill({ engine, timeoutMs: 5000, chat: format })(chat, ' yes');
    expect(asked[0]?.body['prompt']).toBe('[user] a $& question\nA: yes');
    const without = createEchoPrefill({ engine, timeoutMs: 5000 });
    await expect(without(chat, ' yes')).rejects.toMatchObject({ name: 'BackendUnsupported' });
  });

  it("ends with the reason of its caller's abort", async () => {
    const reason = new Error('enough');
    const prefill = createEchoPrefill({ engine, timeoutMs: 5000 });
    await expect(prefill(completion, ' yes', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
