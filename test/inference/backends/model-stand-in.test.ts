import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/inference/backends/backend.ts';
import { createOpenAiBackend } from '../../../src/inference/backends/openai-backend.ts';
import type { ChatLogprob } from '../../../src/inference/wire/chat.ts';
import type { TaskRequest } from '../../../src/inference/wire/request.ts';
import { createEngineTurns } from '../../../stack/model-stand-in/engine-turns.ts';
import { startModelStandIn } from '../../../stack/model-stand-in/server.ts';
import type { ModelStandIn, StandInMode } from '../../../stack/model-stand-in/server.ts';
import { toyChatPrompt, toyImage, toyTokens } from '../../../stack/model-stand-in/toy-model.ts';

const call = { timeoutMs: 10_000 };
const network = { userAgent: 'seine-test' };

let miner: ModelStandIn;
let verifier: ModelStandIn;
let theirs: Backend;
let own: Backend;

beforeAll(async () => {
  verifier = await startModelStandIn();
  miner = await startModelStandIn({
    relayTo: verifier.url,
    isUnwelcome: (_, body) => body.model === 'unwelcome',
  });
  theirs = createOpenAiBackend({ baseUrl: miner.url, network });
  own = createOpenAiBackend({ baseUrl: verifier.url, network });
});
beforeEach(() => miner.setMode('honest'));
afterAll(async () => {
  await Promise.all([theirs.close(), own.close()]);
  await Promise.all([miner.close(), verifier.close()]);
});

describe('the stand-in for a model', () => {
  it('answers as its verifier reads it, by any temperature', async () => {
    for (const temperature of [0, 0.7, 1]) {
      const seen = await compared('the honest one', temperature);
      expect(seen).toMatchObject({ tokens: 40, distance: 0 });
      expect(seen.outside).toBeLessThan(4);
    }
  });

  it.each<[StandInMode, string]>([
    ['wrong_model', 'outside'],
    ['false_logprobs', 'outside'],
    ['quantised', 'distance'],
  ])('shows %s by its %s', async (mode, by) => {
    miner.setMode(mode);
    const seen = await compared('what a cheat answers', 0);
    if (by === 'outside') expect(seen.outside).toBeGreaterThan(3);
    else expect(seen.distance).toBeGreaterThan(0.25);
  });

  it('states what is nearly certain where it lies', async () => {
    miner.setMode('false_logprobs');
    const logprobs = await answered('a question');
    expect(logprobs.every(({ logprob }) => logprob === -0.01)).toBe(true);
  });

  it('gives less where it is short', async () => {
    miner.setMode('short');
    expect((await compared('a question', 0)).tokens).toBe(10);
  });

  it('gives its first answer again where it replays', async () => {
    const first = await answered('the first question of all');
    const other = await answered('another question');
    miner.setMode('replayed');
    const [again, more] = [await answered('another question'), await answered('a third one')];
    expect(again).toEqual(more);
    expect(again).not.toEqual(other);
    expect(first).not.toEqual(other);
  });

  it('passes requests on where it relays, streams too', async () => {
    miner.setMode('relayed');
    const before = verifier.requests.length;
    expect(await theirs.answer(chat('relayed'), call)).toEqual(await own.answer(chat('relayed'), call));
    const streamed = await theirs.answer(chat('relayed', { stream: true }), call);
    expect(streamed.api).toBe('chat');
    expect(verifier.requests.length - before).toBe(3);
  });

  it('refuses those alone whom it does not want', async () => {
    miner.setMode('busy');
    await expect(theirs.answer(chat('hello', { model: 'unwelcome' }), call)).rejects.toThrow('busy');
    await expect(theirs.answer(chat('hello'), call)).resolves.toBeDefined();
  });

  it('has room for so many where it is bound, and for its owner first', async () => {
    const take = createEngineTurns({ concurrency: 1, workMs: 0, places: 1, ownKey: 'its own' });
    const order: string[] = [];
    const turnOf = async (name: string, isOwn: boolean) => {
      const end = await take(isOwn);
      order.push(name);
      return end;
    };
    const first = await turnOf('first', false);
    const [stranger, owner] = [turnOf('stranger', false), turnOf('owner', true)];
    expect(await take(false)).toBeNull();
    first?.();
    (await owner)?.();
    (await stranger)?.();
    expect(order).toEqual(['first', 'owner', 'stranger']);
  });

  it('makes other images by another model, by coarser numbers, and where it is short', async () => {
    const images: TaskRequest = {
      api: 'images',
      body: { model: 'm', prompt: 'a net', n: 1, size: '64x64', seed: 1, response_format: 'b64_json' },
    };
    const made = new Set<string>();
    for (const mode of ['honest', 'wrong_model', 'quantised', 'short'] as const) {
      miner.setMode(mode);
      const answer = await theirs.answer(images, call);
      made.add(answer.api === 'images' ? (answer.body.data[0]?.b64_json ?? '') : '');
    }
    expect(made.size).toBe(4);
  });

  it('makes PNGs of the size that was asked for', () => {
    const image = toyImage({ seed: 'toy', coarseness: 0 }, 'a net', 48, 16);
    expect(image.subarray(1, 4).toString()).toBe('PNG');
    expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([48, 16]);
  });

  it('reads every text as tokens that join to it', () => {
    for (const text of ['', ' ', 'a  b\n\nc ', toyChatPrompt([{ role: 'user', content: 'é 漢\t!' }])]) {
      expect(toyTokens(text).join('')).toBe(text);
    }
  });
});

/** What the verifier's own model makes of the miner's answer: by completion of prompt and answer, with `echo`. */
async function compared(content: string, temperature: number) {
  const stated = await answered(content, temperature);
  const written = toyChatPrompt([{ role: 'user', content }]);
  const prompt = written + stated.map(({ token }) => token).join('');
  const answer = await own.answer(
    { api: 'completion', body: { model: 'm', prompt, max_tokens: 0, echo: true, logprobs: 10 } },
    call,
  );
  const read = answer.api === 'completion' ? answer.body.choices[0]?.logprobs : null;
  const from = toyTokens(written).length;
  const distances = stated.map(({ logprob }, index) =>
    Math.abs(Math.exp(logprob) - Math.exp(read?.token_logprobs[from + index] ?? 1)),
  );
  return {
    tokens: stated.length,
    outside: stated.filter(({ token }, index) => read?.top_logprobs?.[from + index]?.[token] === undefined).length,
    distance: distances.reduce((sum, distance) => sum + distance, 0) / stated.length,
  };
}

async function answered(content: string, temperature = 0): Promise<ChatLogprob[]> {
  const answer = await theirs.answer(chat(content, { temperature }), call);
  return answer.api === 'chat' ? (answer.body.choices[0]?.logprobs?.content ?? []) : [];
}

function chat(content: string, more: { temperature?: number; stream?: boolean; model?: string } = {}): TaskRequest {
  const messages = [{ role: 'user' as const, content }];
  const body = { model: 'm', messages, max_tokens: 40, temperature: 0, seed: 9, logprobs: true, top_logprobs: 5 };
  return { api: 'chat', body: { ...body, ...more } };
}
