import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAdmission } from '../../../src/inference/server/admission.ts';
import { BackendBusy } from '../../../src/inference/backends/errors.ts';
import { createAllowances } from '../../../src/inference/server/allowances.ts';
import type { ServerBackend } from '../../../src/inference/server/backend.ts';
import { startInferenceServer } from '../../../src/inference/server/inference-server.ts';
import type { InferenceServer, InferenceServerOptions } from '../../../src/inference/server/inference-server.ts';
import { createServerMetrics } from '../../../src/inference/server/server-metrics.ts';
import type { ServerMetrics } from '../../../src/inference/server/server-metrics.ts';
import type { ChatChunk } from '../../../src/inference/wire/chat.ts';
import { createSseParser } from '../../../src/inference/wire/sse.ts';
import { chatChunkOf, joinChat } from '../../../src/inference/wire/streamed-answer.ts';
import type { TaskAnswer } from '../../../src/inference/wire/request.ts';
import { signRequest } from '../../../src/net/epistula.ts';
import { memorySeenIds, signerOf } from '../../net/peers.ts';
import { servedTask } from './served.ts';

const MODEL = 'google/gemma-7b-it';
const CHAT = '/v1/chat/completions';
const hello = { model: MODEL, messages: [{ role: 'user', content: 'hello' }] };

const said = (content: string): TaskAnswer => ({
  api: 'chat',
  body: {
    ...{ id: '1', model: MODEL },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  },
});
const chunk = (content: string): ChatChunk => ({
  ...{ id: '1', model: MODEL },
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
});

async function* chunks(...texts: string[]): AsyncGenerator<ChatChunk> {
  for (const text of texts) yield await Promise.resolve(chunk(text));
}

const steady: ServerBackend = {
  answer: (task, request) => {
    if (request.api === 'embeddings') {
      const body = { model: request.body.model, data: [{ index: 0, embedding: [1, 0] }] };
      return Promise.resolve({ api: 'embeddings', body });
    }
    if (request.api === 'images') return Promise.resolve({ api: 'images', body: { data: [{ b64_json: 'AAAA' }] } });
    return Promise.resolve(said(`from ${task.name}`));
  },
  stream: () => chunks('good\n', 'day'),
};

let server: InferenceServer | undefined;
let metrics: ServerMetrics;
const logged: string[] = [];

interface Over extends Partial<InferenceServerOptions> {
  owed?: number;
}

async function start({ owed = 1_000_000, ...over }: Over = {}): Promise<InferenceServer> {
  const admission = createAdmission(createAllowances(() => owed, Date.now));
  metrics = createServerMetrics(() => admission.counts());
  server = await startInferenceServer({
    ...{ host: '127.0.0.1', port: 0, hotkey: signerOf('//miner').address, seen: memorySeenIds() },
    mayAsk: (caller) =>
      Promise.resolve(
        caller === signerOf('//validator').address
          ? { allowed: true }
          : { allowed: false, reason: 'no validator permit', status: 403 },
      ),
    serving: () => ['Gemma7b', 'completion', 'embedding', 'FluxSchnell'].map((name) => servedTask(name)),
    ...{ admission, backend: steady, metrics },
    capacityText: () => Promise.resolve('{"kind":"capacity"}'),
    volumesText: (task, period) => Promise.resolve(task === 'Gemma7b' && period === 3 ? '{"kind":"volume"}' : null),
    log: (message, details) => logged.push(`${message} ${JSON.stringify(details)}`),
    ...over,
  });
  return server;
}

async function ask({ port }: InferenceServer, path: string, body: unknown, uri = '//validator'): Promise<Response> {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = await signed(bytes, uri);
  return fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: bytes, headers });
}

function signed(body: Uint8Array, uri = '//validator'): Promise<Record<string, string>> {
  const receiver = signerOf('//miner').address;
  return signRequest({ body, signer: signerOf(uri), receiver, now: Date.now, uuid: randomUUID });
}

async function outcome(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: { code: string } };
  return `${response.status} ${error.code}`;
}

const metric = (): Promise<string> => metrics.read();

beforeAll(() => cryptoWaitReady());
afterEach(async () => {
  await server?.close();
  server = undefined;
  logged.length = 0;
});

describe('inference server', () => {
  it('answers each part of the API', async () => {
    const running = await start();
    const chat = (await (await ask(running, CHAT, hello)).json()) as { choices: unknown };
    expect(chat.choices).toMatchObject([{ message: { content: 'from Gemma7b' } }]);
    const prompt = { model: 'meta-llama/Llama-3.1-8B', prompt: 'once' };
    expect((await ask(running, '/v1/completions', prompt)).status).toBe(200);
    const text = { model: 'BAAI/bge-large-en-v1.5', input: 'a' };
    expect(await (await ask(running, '/v1/embeddings', text)).json()).toMatchObject({ data: [{ embedding: [1, 0] }] });
    const image = { model: 'black-forest-labs/FLUX.1-schnell', prompt: 'a hill' };
    const images = await ask(running, '/v1/images/generations', image);
    expect(await images.json()).toEqual({ data: [{ b64_json: 'AAAA' }] });
    expect(await (await ask(running, '/v1/capacity', { ask: 'capacity' })).json()).toEqual({ kind: 'capacity' });
    const volumes = { ask: 'volumes', period: 3, task: 'Gemma7b' };
    expect(await (await ask(running, '/v1/volumes', volumes)).json()).toEqual({ kind: 'volume' });
    expect(await metric()).toContain('seine_inference_requests_total{task="Gemma7b",outcome="ok"} 1');
    // How busy a miner is, is nothing for its competitors.
    expect((await fetch(`http://127.0.0.1:${running.port}/metrics`)).status).toBe(404);
    const health = await fetch(`http://127.0.0.1:${running.port}/health`);
    expect(await health.json()).toEqual({ status: 'ok', hotkey: signerOf('//miner').address });
  });

  it('streams what a client reads back as the same answer', async () => {
    const response = await ask(await start(), CHAT, { ...hello, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = createSseParser().push(new Uint8Array(await response.arrayBuffer()));
    const read = events.map(({ data }) => chatChunkOf(data));
    expect(read.at(-1)).toBeNull();
    const answer = joinChat(read.filter((item) => item !== null));
    expect(answer.choices[0]?.message.content).toBe('good\nday');
  });

  it('refuses, each with its status and word', async () => {
    const running = await start();
    expect((await ask(running, '/v1/other', hello)).status).toBe(404);
    expect(await outcome(await ask(running, CHAT, hello, '//stranger'))).toBe('403 not_served');
    expect(await outcome(await ask(running, CHAT, { ...hello, model: 'x' }))).toBe('404 no_such_task');
    expect(await outcome(await ask(running, CHAT, { ...hello, max_tokens: 9999 }))).toBe('400 beyond_limits');
    expect(await outcome(await ask(running, CHAT, { ...hello, user: 'u' }))).toBe('400 malformed');
    const unknown = (await (await ask(running, CHAT, { ...hello, user: 'u' })).json()) as {
      error: { message: string };
    };
    expect(unknown.error.message).toBe('Unrecognized key: "user"');
    expect(await outcome(await ask(running, '/v1/capacity', {}))).toBe('400 malformed');
    const volumes = { ask: 'volumes', period: 2, task: 'Gemma7b' };
    expect(await outcome(await ask(running, '/v1/volumes', volumes))).toBe('404 no_such_task');
    // Each is signed for one of them.
    expect(await outcome(await ask(running, '/v1/capacity', volumes))).toBe('400 malformed');
    expect(await outcome(await ask(running, '/v1/volumes', { ask: 'capacity' }))).toBe('400 malformed');
    expect(await outcome(await ask(running, CHAT, 'a'.repeat(100_000)))).toBe('413 too_large');
    const url = `http://127.0.0.1:${running.port}${CHAT}`;
    expect(await outcome(await fetch(url, { method: 'POST', body: '{}' }))).toBe('400 malformed');
    expect(await outcome(await fetch(url))).toBe('405 method');
    const headers = await signed(Buffer.from(JSON.stringify(hello)));
    expect(await outcome(await fetch(url, { method: 'POST', body: '{}', headers }))).toBe('401 bad_signature');
    const again = { method: 'POST', body: JSON.stringify(hello), headers };
    expect((await fetch(url, again)).status).toBe(200);
    expect(await outcome(await fetch(url, again))).toBe('401 replayed');
  });

  it('stops reading a body of no stated length that grows too large', async () => {
    const { port } = await start();
    const headers = await signed(Buffer.from('x'));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port, path: CHAT, method: 'POST', headers }, (response) => {
        resolve(response.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write(Buffer.alloc(100_000, 'a'));
    });
    expect(status).toBe(413);
    // The refusal went out on the caller's connection: it was not the caller that broke off.
    expect(await metric()).toContain('{task="none",outcome="too_large"} 1');
  });

  it('finds the task by its name where tasks share a model', async () => {
    const gemma = servedTask('Gemma7b');
    const other = { ...gemma, task: { ...gemma.task, name: 'another' } };
    const running = await start({ serving: () => [gemma, other] });
    const body = Buffer.from(JSON.stringify(hello));
    const answers = ['another', 'Gemma7b', undefined].map(async (name) => {
      const headers = { ...(await signed(body)), ...(name === undefined ? {} : { 'x-seine-task': name }) };
      const response = await fetch(`http://127.0.0.1:${running.port}${CHAT}`, { method: 'POST', body, headers });
      return ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;
    });
    expect(await Promise.all(answers)).toEqual(['from another', 'from Gemma7b', 'from Gemma7b']);
    const headers = { ...(await signed(body)), 'x-seine-task': 'third' };
    const third = await fetch(`http://127.0.0.1:${running.port}${CHAT}`, { method: 'POST', body, headers });
    expect(await outcome(third)).toBe('404 no_such_task');
  });

  it('answers 429 with Retry-After beyond what is owed', async () => {
    const running = await start({ owed: 1 });
    expect((await ask(running, CHAT, hello)).status).toBe(200);
    const response = await ask(running, CHAT, hello);
    const waitSeconds = Number(response.headers.get('retry-after'));
    expect(waitSeconds >= 1 && waitSeconds <= 600).toBe(true);
    expect(await outcome(response)).toBe('429 beyond_allowance');
  });

  it('gives back what a request took that the engine had no room for', async () => {
    let isBusy = true;
    const full = new BackendBusy('127.0.0.1:8000', 7000);
    const refusing = async function* (): AsyncGenerator<ChatChunk> {
      throw await Promise.resolve(full);
    };
    const backend: ServerBackend = {
      answer: (task, request, signal) => (isBusy ? Promise.reject(full) : steady.answer(task, request, signal)),
      stream: (task, request, signal) => (isBusy ? refusing() : steady.stream(task, request, signal)),
    };
    const running = await start({ owed: 1, backend });
    for (const body of [hello, { ...hello, stream: true }]) {
      const response = await ask(running, CHAT, body);
      expect(response.headers.get('retry-after')).toBe('7');
      expect(await outcome(response)).toBe('429 busy');
    }
    isBusy = false;
    expect((await ask(running, CHAT, hello)).status).toBe(200);
    expect(await outcome(await ask(running, CHAT, hello))).toBe('429 beyond_allowance');
  });

  it('ends at the time limit, whatever the backend does', async () => {
    const gemma = servedTask('Gemma7b', { concurrency: 1 });
    const hurried = { ...gemma, task: { ...gemma.task, timeout_ms: 50 } };
    const hangs = new Promise<never>(() => undefined);
    const backend: ServerBackend = {
      answer: () => hangs,
      async *stream() {
        yield chunk('good');
        await hangs;
      },
    };
    const running = await start({ serving: () => [hurried], backend });
    expect(await outcome(await ask(running, CHAT, hello))).toBe('504 timed_out');
    const streamed = await ask(running, CHAT, { ...hello, stream: true });
    const events = createSseParser().push(new Uint8Array(await streamed.arrayBuffer()));
    expect(events.map(({ data }) => data.includes('timed_out'))).toEqual([false, true]);
    expect(await metric()).toContain('seine_inference_queue{task="Gemma7b",state="running"} 0');
  });

  it('tells no caller what broke inside', async () => {
    const failing: ServerBackend = { ...steady, answer: () => Promise.reject(new Error('secret path')) };
    const response = await ask(await start({ backend: failing }), CHAT, hello);
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(text).toContain('unavailable');
    expect(text).not.toContain('secret');
    expect(logged.join()).toContain('secret path');
  });

  it('stops the backend when the caller is gone', async () => {
    let stopped: (reason: unknown) => void;
    const isStopped = new Promise((resolve) => (stopped = resolve));
    let began: () => void;
    const hasBegun = new Promise<void>((resolve) => (began = resolve));
    const backend: ServerBackend = {
      ...steady,
      answer: (_task, _request, signal) => {
        began();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            stopped(signal.reason);
            reject(signal.reason as Error);
          });
        });
      },
    };
    const running = await start({ backend });
    const body = JSON.stringify(hello);
    const caller = new AbortController();
    const headers = await signed(Buffer.from(body));
    const url = `http://127.0.0.1:${running.port}${CHAT}`;
    const response = fetch(url, { method: 'POST', body, headers, signal: caller.signal });
    await hasBegun;
    caller.abort();
    await expect(response).rejects.toThrow();
    expect(String(await isStopped)).toContain('the caller is gone');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await metric()).toContain('outcome="gone"} 1');
  });
});
