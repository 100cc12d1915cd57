import { describe, expect, it } from 'vitest';
import { createStreamReader } from '../../../src/inference/backends/read-stream.ts';
import { readAnswer } from '../../../src/inference/backends/read-answer.ts';
import { refusalOf } from '../../../src/inference/backends/refusal.ts';
import { sseText } from '../../../src/inference/wire/sse.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what an engine refuses by', () => {
  it.each([
    [429, 'BackendBusy'],
    [503, 'BackendBusy'],
    [400, 'BackendUnsupported'],
    [404, 'BackendUnsupported'],
    [501, 'BackendUnsupported'],
    [401, 'BackendFailed'],
    [302, 'BackendFailed'],
    [500, 'BackendFailed'],
  ])('reads status %i as %s', (status, name) => {
    expect(refusalOf('host', status, {}, '')).toMatchObject({ name });
  });

  it.each([
    ['7', 7000],
    ['0', 0],
    ['999999999', 86_400_000],
    ['soon', null],
    ['-1', null],
    ['Wed, 21 Oct 2015 07:28:00 GMT', null],
  ])('reads a pause of %j as %j ms', (header, retryAfterMs) => {
    expect(refusalOf('host', 429, { 'retry-after': header }, '')).toMatchObject({ retryAfterMs });
  });

  it('tells what the engine said, within bounds', () => {
    const body = JSON.stringify({ error: { message: `no such model ${'x'.repeat(1000)}` } });
    const { message } = refusalOf('host', 400, {}, body);
    expect(message).toContain('no such model');
    expect(message.length).toBeLessThan(500);
  });
});

describe('a streamed answer', () => {
  const event = (reason: string | null): string =>
    sseText(
      JSON.stringify({
        id: 'a',
        model: '/models/own.gguf',
        choices: [{ index: 0, delta: { content: 'x' }, finish_reason: reason }],
      }),
    );

  it('ends by its reason where no mark of the end comes', () => {
    const reader = createStreamReader('chat', 'm');
    reader.push(bytes(event(null) + event('stop')));
    expect(reader.finish()).toMatchObject({ body: { model: 'm', choices: [{ message: { content: 'xx' } }] } });
  });

  it('has no end without either', () => {
    const reader = createStreamReader('chat', 'm');
    reader.push(bytes(event(null)));
    expect(() => reader.finish()).toThrow('before its end');
  });

  it('says what broke it off', () => {
    const reader = createStreamReader('chat', 'm');
    expect(() => reader.push(bytes(sseText('{"error":{"message":"out of memory"}}')))).toThrow('out of memory');
  });

  it('passes over what comes after its end', () => {
    const reader = createStreamReader('chat', 'm');
    reader.push(bytes(event('stop') + sseText('[DONE]')));
    expect(reader.push(bytes(event('stop')))).toEqual([]);
  });
});

describe('an answer in one piece', () => {
  it('has one vector for each text', () => {
    const request = {
      api: 'embeddings' as const,
      body: { model: 'm', input: ['a', 'b'], encoding_format: 'float' as const },
    };
    const body = JSON.stringify({ model: 'm', data: [{ index: 0, embedding: [1] }] });
    expect(() => readAnswer(request, bytes(body))).toThrow('one vector for each text');
  });
});
