import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnswerChunk, Backend } from '../../../src/inference/backends/backend.ts';
import { createOpenAiBackend } from '../../../src/inference/backends/openai-backend.ts';
import type { TaskRequest } from '../../../src/inference/wire/request.ts';
import { RETRY_AFTER_S, startModelStandIn } from '../../../stack/model-stand-in/server.ts';
import type { ModelStandIn, StandInMode } from '../../../stack/model-stand-in/server.ts';

const network = { userAgent: 'seine-test' };
const call = { timeoutMs: 10_000 };
const messages = [{ role: 'user' as const, content: 'what is a weir' }];
const chat: TaskRequest = {
  api: 'chat',
  body: { model: 'm', messages, max_tokens: 12, temperature: 0, seed: 3, logprobs: true, top_logprobs: 5 },
};
const completion: TaskRequest = {
  api: 'completion',
  body: { model: 'm', prompt: 'a weir is', max_tokens: 12, temperature: 0, logprobs: 5 },
};
const images: TaskRequest = {
  api: 'images',
  body: { model: 'm', prompt: 'a weir', n: 2, size: '64x32', seed: 5, response_format: 'b64_json' },
};
const embeddings: TaskRequest = {
  api: 'embeddings',
  body: { model: 'm', input: ['a weir', 'a net'], encoding_format: 'float' },
};

let engine: ModelStandIn;
let backend: Backend;

beforeEach(async () => {
  engine = await startModelStandIn();
  backend = createOpenAiBackend({ baseUrl: `${engine.url}/`, model: 'inner/name', apiKey: 'secret-key', network });
});
afterEach(async () => {
  await backend.close();
  await engine.close();
});

describe('a backend that speaks the API of OpenAI', () => {
  it.each([
    ['chat', chat],
    ['completion', completion],
    ['images', images],
    ['embeddings', embeddings],
  ])('answers %s under the name of the request, the same each time', async (api, request) => {
    const answer = await backend.answer(request, call);
    expect(answer.api).toBe(api);
    if (answer.api !== 'images') expect(answer.body.model).toBe('m');
    expect(await backend.answer(request, call)).toEqual(answer);
    expect(engine.requests[0]).toMatchObject({
      body: { model: 'inner/name' },
      headers: { authorization: 'Bearer secret-key' },
    });
  });

  it.each([
    ['chat', chat],
    ['completion', completion],
  ])('streams %s to what one piece comes to', async (_, request) => {
    const chunks: AnswerChunk[] = [];
    const whole = await backend.answer(request, call);
    const answer = await backend.answer(streamed(request), { ...call, onChunk: (chunk) => void chunks.push(chunk) });
    expect(idless(answer)).toEqual(idless(whole));
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.every(({ body }) => body.model === 'm')).toBe(true);
  });

  it('hands each event on before the answer has ended, and in order', async () => {
    let isWaiting = false;
    let overlaps = 0;
    const texts: string[] = [];
    const onChunk = async ({ api, body }: AnswerChunk): Promise<void> => {
      if (isWaiting) overlaps += 1;
      isWaiting = true;
      await new Promise((resolve) => setTimeout(resolve, 2));
      isWaiting = false;
      if (api === 'chat') texts.push(body.choices[0]?.delta.content ?? '');
    };
    const answer = await backend.answer(streamed(chat), { ...call, onChunk });
    expect(overlaps).toBe(0);
    expect(answer.api === 'chat' && answer.body.choices[0]?.message.content).toBe(texts.join(''));
  });

  it('ends with what the taker of a stream threw', async () => {
    const mine = new Error('the caller has gone');
    const onChunk = (): never => {
      throw mine;
    };
    await expect(backend.answer(streamed(chat), { ...call, onChunk })).rejects.toBe(mine);
  });

  it("ends with the caller's reason", async () => {
    engine.setMode('slow');
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    const answer = backend.answer(chat, { ...call, signal: controller.signal });
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });

  it('says how long a busy engine asks to wait', async () => {
    engine.setMode('busy');
    const busy = { name: 'BackendBusy', remedy: 'wait', retryAfterMs: RETRY_AFTER_S * 1000 };
    await expect(backend.answer(chat, call)).rejects.toMatchObject(busy);
    await expect(backend.answer(streamed(chat), call)).rejects.toMatchObject(busy);
  });

  it.each<[StandInMode, TaskRequest, string]>([
    ['failing', chat, 'the model fell over'],
    ['cut_off', chat, 'not JSON'],
    ['cut_off', streamed(chat), 'broke off before its end'],
    ['cut_off', streamed(completion), 'broke off before its end'],
    ['cut_off', images, 'not JSON'],
  ])('fails where the engine is %s', async (mode, request, reason) => {
    engine.setMode(mode);
    const answer = backend.answer(request, call);
    await expect(answer).rejects.toMatchObject({ name: 'BackendFailed', remedy: 'retry' });
    await expect(answer).rejects.toThrow(reason);
  });

  it('fails once its time is over', async () => {
    engine.setMode('slow');
    await expect(backend.answer(chat, { timeoutMs: 20 })).rejects.toMatchObject({
      name: 'BackendFailed',
      details: { reason: 'FetchTimeout' },
    });
  });

  it('fails where there is no engine, and never names its key', async () => {
    await engine.close();
    const error = await backend.answer(chat, call).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'BackendFailed', details: { reason: 'FetchFailed: ECONNREFUSED' } });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret-key');
  });

  it('asks an engine of this machine past the proxy of the web', async () => {
    // Nothing listens there.
    const proxied = { ...network, proxy: 'http://127.0.0.1:9' };
    const near = createOpenAiBackend({ baseUrl: engine.url, network: proxied });
    expect((await near.answer(chat, call)).api).toBe('chat');
    await near.close();
    const far = createOpenAiBackend({ baseUrl: 'http://1.1.1.1/v1', network: proxied });
    await expect(far.answer(chat, call)).rejects.toThrow('ProxyFailed');
    await far.close();
  });

  it('lets a connection go before its engine does', async () => {
    const sockets: Socket[] = [];
    // Like the servers of common engines, it says nothing of when it closes.
    const silent = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      request.resume().on('end', () => response.end('{}'));
    });
    silent.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const kept = createOpenAiBackend({ baseUrl, network });
    await kept.answer(chat, call).catch(() => undefined);
    // Within the time of the test; a connection to a site is kept for 20 s.
    await once(sockets[0] ?? silent, 'close');
    await kept.close();
    silent.close();
  }, 12_000);

  it('says where probabilities were asked for and not stated', async () => {
    engine.setMode('no_logprobs');
    for (const request of [chat, streamed(chat), completion, streamed(completion)]) {
      await expect(backend.answer(request, call)).rejects.toMatchObject({ name: 'BackendUnsupported' });
    }
  });

  it('says where the engine has no such path', async () => {
    const elsewhere = createOpenAiBackend({ baseUrl: `${engine.url}/none`, network });
    await expect(elsewhere.answer(chat, call)).rejects.toMatchObject({ name: 'BackendUnsupported' });
    await elsewhere.close();
  });

  it.each(['', 'ftp://127.0.0.1/v1', 'http://user:word@127.0.0.1/v1', 'http://127.0.0.1/v1?key=1'])(
    'refuses %j as a base URL',
    (baseUrl) => {
      expect(() => createOpenAiBackend({ baseUrl, network })).toThrow('base URL');
    },
  );
});

function streamed(request: TaskRequest): TaskRequest {
  if (request.api === 'chat') return { api: 'chat', body: { ...request.body, stream: true, ...withUsage } };
  if (request.api === 'completion') return { api: 'completion', body: { ...request.body, stream: true, ...withUsage } };
  return request;
}

const withUsage = { stream_options: { include_usage: true } };

function idless<T extends { body: object }>({ body, ...rest }: T) {
  return { ...rest, body: { ...body, id: '' } };
}
