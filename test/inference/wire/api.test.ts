import { describe, expect, it } from 'vitest';
import { chatAnswer, chatRequest } from '../../../src/inference/wire/chat.ts';
import { completionAnswer, completionRequest } from '../../../src/inference/wire/completion.ts';
import { embeddingAnswer, embeddingRequest } from '../../../src/inference/wire/embeddings.ts';
import { errorBody } from '../../../src/inference/wire/error-body.ts';
import { imageAnswer, imageRequest, imageRequestFault } from '../../../src/inference/wire/images.ts';
import {
  chatChunkOf,
  completionChunkOf,
  joinChat,
  joinCompletion,
} from '../../../src/inference/wire/streamed-answer.ts';

const messages = [{ role: 'user', content: 'hello' }];
const answer = {
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', system_fingerprint: 'b' },
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi', refusal: null },
      finish_reason: 'stop',
      logprobs: {
        content: [
          { token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [{ token: 'Hi', logprob: -0.1, bytes: null }] },
        ],
      },
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

describe('what the API takes and gives', () => {
  it('takes a chat of each kind that engines take', () => {
    const url = 'data:image/png;base64,AAAA';
    expect(
      chatRequest.safeParse({
        ...{ model: 'm', stream: true, stream_options: { include_usage: true }, logprobs: true, top_logprobs: 5 },
        ...{ max_tokens: 5, temperature: 0, top_p: 1, seed: 7, stop: ['\n'] },
        messages: [...messages, { role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
      }).success,
    ).toBe(true);
  });

  it.each([
    ['no message', { model: 'm', messages: [] }],
    ['a member that is unknown', { model: 'm', messages, top_k: 5 }],
    ['an image to fetch', { model: 'm', messages: [imageMessage('http://169.254.169.254/')] }],
    ['an image that is none', { model: 'm', messages: [imageMessage('data:image/png;base64,A!==')] }],
    ['half a surrogate pair', { model: 'm', messages: [{ role: 'user', content: '\ud800' }] }],
    ['a text too long in bytes', { model: 'm', messages: [{ role: 'user', content: 'é'.repeat(70_000) }] }],
    ['a heat that is none', { model: 'm', messages, temperature: Number.NaN }],
    ['too many tokens', { model: 'm', messages, max_tokens: 1e9 }],
  ])('refuses a chat of %s', (_, body) => {
    expect(chatRequest.safeParse(body).success).toBe(false);
  });

  it('reads answers, and drops what it does not know', () => {
    const parsed = chatAnswer.parse(answer);
    expect(parsed).not.toHaveProperty('system_fingerprint');
    expect(parsed.choices[0]?.logprobs?.content?.[0]).toEqual({
      ...{ token: 'Hi', logprob: -0.1, top_logprobs: [{ token: 'Hi', logprob: -0.1 }] },
    });
    expect(chatAnswer.safeParse({ ...answer, choices: [] }).success).toBe(false);
    const loud = JSON.stringify(answer).replace('"logprob":-0.1', '"logprob":3');
    expect(chatAnswer.safeParse(JSON.parse(loud)).success).toBe(false);
  });

  it('reads the probabilities of an echoed prompt, of which the first has none', () => {
    const logprobs = { tokens: ['a', 'b'], token_logprobs: [null, -1], top_logprobs: [null, { b: -1, c: -2 }] };
    const body = { id: '1', model: 'm', choices: [{ index: 0, text: 'ab', finish_reason: 'length', logprobs }] };
    expect(completionAnswer.parse(body).choices[0]?.logprobs).toEqual(logprobs);
    const short = { ...logprobs, token_logprobs: [null] };
    expect(completionAnswer.safeParse({ ...body, choices: [{ ...body.choices[0], logprobs: short }] }).success).toBe(
      false,
    );
    expect(
      completionRequest.safeParse({ model: 'm', prompt: 'ab', max_tokens: 0, echo: true, logprobs: 5 }).success,
    ).toBe(true);
  });

  it('reads the probabilities of llama.cpp, which are those of a chat, as lists', () => {
    const content = [{ id: 5, token: 'a', logprob: -1, top_logprobs: [{ id: 5, token: 'a', logprob: -1 }] }];
    const body = {
      id: '1',
      model: 'm',
      choices: [{ index: 0, text: 'a', finish_reason: 'length', logprobs: { content } }],
    };
    expect(completionAnswer.parse(body).choices[0]?.logprobs).toEqual({
      ...{ tokens: ['a'], token_logprobs: [-1], top_logprobs: [{ a: -1 }] },
    });
  });

  it('takes images in base64 of sane sizes', () => {
    const body = { model: 'm', prompt: 'a fox' };
    expect(imageRequest.parse(body)).toMatchObject({ n: 1, response_format: 'b64_json' });
    for (const wrong of [{ size: '99999x1' }, { size: '8192x10' }, { n: 9 }, { image: 'http://x' }, { steps: 1000 }]) {
      expect(imageRequest.safeParse({ ...body, ...wrong }).success).toBe(false);
    }
    expect(imageAnswer.safeParse({ created: 1, data: [{ b64_json: 'AA==' }] }).success).toBe(true);
    expect(imageAnswer.safeParse({ data: [{ url: 'http://x/y.png' }] }).success).toBe(false);
    expect(imageRequestFault('inpaint', imageRequest.parse({ ...body, image: 'AAAA' }))).toBe('inpaint needs mask');
    expect(imageRequestFault('chat', imageRequest.parse(body))).toBe('chat makes no images');
  });

  it('takes and gives embeddings, and reads errors', () => {
    expect(embeddingRequest.safeParse({ model: 'm', input: ['a', 'b'] }).success).toBe(true);
    expect(embeddingRequest.safeParse({ model: 'm', input: [] }).success).toBe(false);
    const data = [{ object: 'embedding', index: 0, embedding: [0.1, Number.POSITIVE_INFINITY] }];
    expect(embeddingAnswer.safeParse({ object: 'list', model: 'm', data }).success).toBe(false);
    expect(errorBody.parse({ error: { message: 'busy', type: 'x', param: null, code: 429 } })).toEqual({
      error: { message: 'busy', type: 'x', code: 429 },
    });
  });
});

describe('a streamed answer', () => {
  const chunk = (more: object) => JSON.stringify({ id: 'c1', model: 'm', object: 'chat.completion.chunk', ...more });
  const piece = (content: string | null, finish_reason: string | null = null) =>
    chunk({
      choices: [
        {
          ...{ index: 0, delta: { role: 'assistant', content }, finish_reason },
          logprobs: content === null ? null : { content: [{ token: content, logprob: -1 }] },
        },
      ],
    });

  it('of a chat is joined to the one that would have come whole', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const events = [piece('Hel'), piece('lo'), piece(null, 'stop'), chunk({ choices: [], usage }), '[DONE]'];
    const chunks = events.map(chatChunkOf);
    expect(chunks.at(-1)).toBeNull();
    expect(joinChat(chunks.filter((item) => item !== null))).toMatchObject({
      choices: [
        {
          ...{ message: { content: 'Hello' }, finish_reason: 'stop' },
          logprobs: { content: [{ token: 'Hel' }, { token: 'lo' }] },
        },
      ],
      usage,
    });
  });

  it('of a completion too', () => {
    const events = ['a', 'b'].map((text) =>
      chunk({
        choices: [
          { index: 0, text, logprobs: { tokens: [text], token_logprobs: [-1], top_logprobs: [{ [text]: -1 }] } },
        ],
      }),
    );
    const joined = joinCompletion(events.map(completionChunkOf).filter((item) => item !== null));
    expect(joined.choices[0]).toEqual({
      ...{ index: 0, text: 'ab', finish_reason: null },
      logprobs: { tokens: ['a', 'b'], token_logprobs: [-1, -1], top_logprobs: [{ a: -1 }, { b: -1 }] },
    });
  });

  it('that breaks off with an error, or is no JSON, or longer than an answer may be, is refused', () => {
    expect(() => chatChunkOf('{"error":{"message":"out of memory"}}')).toThrow('none that the API has');
    expect(() => chatChunkOf('{"id":')).toThrow('not JSON');
    expect(() => joinChat([])).toThrow('before it began');
    const long = chatChunkOf(piece('x'.repeat(100_000).slice(0, 1000)));
    if (long === null) throw new Error('not a chunk');
    expect(() => joinChat(Array.from({ length: 200 }, () => long))).toThrow('content');
  });
});

function imageMessage(url: string) {
  return { role: 'user', content: [{ type: 'image_url', image_url: { url } }] };
}
