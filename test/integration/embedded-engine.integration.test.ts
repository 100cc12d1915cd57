import { createHash, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedBackend } from '../../src/inference/backends/embedded/embedded-backend.ts';
import type { EmbeddedBackend } from '../../src/inference/backends/embedded/embedded-backend.ts';
import type { Backend } from '../../src/inference/backends/backend.ts';
import type { PrefilledAnswer } from '../../src/inference/checks/prefill.ts';
import { composePrompt } from '../../src/inference/prompts/compose-prompt.ts';
import { drawsFrom } from '../../src/inference/prompts/prompt-seed.ts';
import { NO_SEEDS } from '../../src/inference/prompts/seed-words.ts';
import { TEXT_VOCABULARY } from '../../src/inference/prompts/text-vocabulary.ts';
import { createAdmission } from '../../src/inference/server/admission.ts';
import { createAllowances } from '../../src/inference/server/allowances.ts';
import { startInferenceServer } from '../../src/inference/server/inference-server.ts';
import type { InferenceServer } from '../../src/inference/server/inference-server.ts';
import { createServerMetrics } from '../../src/inference/server/server-metrics.ts';
import { chatAnswer } from '../../src/inference/wire/chat.ts';
import type { ChatAnswer, ChatChunk, ChatRequest } from '../../src/inference/wire/chat.ts';
import { chatChunkOf, joinChat } from '../../src/inference/wire/streamed-answer.ts';
import { signRequest } from '../../src/net/epistula.ts';
import { gradeTextProbabilities } from '../../src/scoring/inference/checks/text-probabilities.ts';
import type {
  ComparedProbability,
  SeenToken,
  TextProbabilityLimits,
} from '../../src/scoring/inference/checks/text-probabilities.ts';
import { servedTask } from '../inference/server/served.ts';
import { memorySeenIds, signerOf } from '../net/peers.ts';
import { enginesFolder, freshFolder, makeTextModel } from '../support/engines.ts';

/*
 * A text task end to end with llama.cpp: miners that serve the right model, the same weights more heavily quantised, and other weights; a validator that signs its
 * requests and checks answers by prefill. Models are tiny and their weights random, so that the likeliest token has a probability of .5 in the mean.
 */

const MODEL = 'tiny';
const ANSWER_TOKENS = 30;
const CALIBRATED_ON = 50;
const CHECKED = 200;
/** Vision draws up to five positions; thresholds here come from the validator's own answers. */
const POSITIONS = 5;

const folder = freshFolder();
const opened: { close: () => Promise<void> }[] = [];
let verifier: EmbeddedBackend;
let limits: TextProbabilityLimits;

beforeAll(async () => {
  await cryptoWaitReady();
  verifier = await open(await makeTextModel(folder, 'F16'));
  const own = [];
  for (const request of requests('calibration', CALIBRATED_ON))
    own.push(await checked(request, await answerOf(verifier, request)));
  limits = limitsFrom(own);
}, 300_000);

afterAll(async () => {
  for (const thing of opened.reverse()) await thing.close();
  rmSync(folder, { recursive: true });
});

async function open(modelFile: string, concurrency = 1): Promise<EmbeddedBackend> {
  const backend = await openEmbeddedBackend({ enginesFolder, modelFile, concurrency, threads: 1, contextTokens: 512 });
  opened.push(backend);
  return backend;
}

function requests(secret: string, count: number): ChatRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const content = composePrompt(TEXT_VOCABULARY, NO_SEEDS, drawsFrom(`${secret} ${index}`));
    return {
      ...{ model: MODEL, messages: [{ role: 'user', content }], max_tokens: ANSWER_TOKENS, seed: index },
      ...{ temperature: 0.5 + (index % 5) / 10, top_p: 0.95, logprobs: true, top_logprobs: 5 },
    };
  });
}

async function answerOf(backend: Backend, body: ChatRequest): Promise<ChatAnswer> {
  const answer = await backend.answer({ api: 'chat', body }, { timeoutMs: 60_000 });
  if (answer.api !== 'chat') throw new Error('it is no chat');
  return answer.body;
}

interface Checked {
  tokens: SeenToken[];
  compared: ComparedProbability[];
}

const textOf = (answer: ChatAnswer): string => answer.choices[0]?.message.content ?? '';
const statedOf = (answer: ChatAnswer) => answer.choices[0]?.logprobs?.content ?? [];

async function checked(body: ChatRequest, answer: ChatAnswer): Promise<Checked> {
  const stated = statedOf(answer);
  const seen: PrefilledAnswer = await verifier.prefill({ api: 'chat', body }, textOf(answer));
  expect(seen.tokens.map(({ text }) => text)).toEqual(stated.map(({ token }) => token));
  const tokens = seen.tokens.map(({ rank, logprob, end_logprob }) => {
    return { rank, probability_ppt: units(logprob, 1e12), end_ppt: units(end_logprob ?? -Infinity, 1e12) };
  });
  const draw = createHash('sha256').update(textOf(answer)).digest();
  const compared = Array.from({ length: POSITIONS }, (_, place) => {
    const position = draw.readUInt32BE(place * 4) % stated.length;
    return {
      verifier_ppm: units(seen.tokens[position]?.logprob ?? -Infinity, 1e6),
      miner_ppm: units(stated[position]?.logprob ?? -Infinity, 1e6),
    };
  });
  return { tokens, compared };
}

const units = (logprob: number, one: number): number => Math.round(Math.exp(Math.min(logprob, 0)) * one);

const distance = ({ compared }: Checked): number =>
  compared.reduce((sum, { verifier_ppm, miner_ppm }) => sum + Math.abs(verifier_ppm - miner_ppm), 0) / compared.length;
const outside = ({ tokens }: Checked): number => tokens.filter(({ rank }) => rank === null || rank > 10).length;

/** Thresholds that the validator's own answers keep with room: as engines differ between batches, so do their probabilities. */
function limitsFrom(own: readonly Checked[]): TextProbabilityLimits {
  const farthest = Math.max(...own.map(distance));
  return {
    ...{ grading: 'match', top: 10, end_of_text_ratio: 100 },
    most_outside: Math.max(...own.map(outside)) + 3,
    full_distance_ppm: Math.ceil(farthest * 3) + 100,
    half_distance_ppm: Math.ceil(farthest * 3) + 100,
  };
}

async function serve(backend: Backend): Promise<InferenceServer> {
  const admission = createAdmission(createAllowances(() => 1e9, Date.now));
  const chat = servedTask('chat-small');
  const server = await startInferenceServer({
    ...{ host: '127.0.0.1', port: 0, hotkey: signerOf('//miner').address, seen: memorySeenIds() },
    mayAsk: () => Promise.resolve({ allowed: true }),
    serving: () => [{ ...chat, task: { ...chat.task, model: MODEL } }],
    ...{ admission, metrics: createServerMetrics(() => admission.counts()) },
    backend: {
      answer: (task, request, signal) => backend.answer(request, { timeoutMs: task.timeout_ms, signal }),
      stream: () => {
        throw new Error('nothing is streamed here');
      },
    },
    capacityText: () => Promise.resolve('{}'),
    log: () => undefined,
  });
  opened.push(server);
  return server;
}

async function ask({ port }: InferenceServer, body: ChatRequest): Promise<ChatAnswer> {
  const bytes = Buffer.from(JSON.stringify(body));
  const receiver = signerOf('//miner').address;
  const headers = await signRequest({
    body: bytes,
    signer: signerOf('//validator'),
    receiver,
    now: Date.now,
    uuid: randomUUID,
  });
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    body: bytes,
    headers,
  });
  expect(response.status).toBe(200);
  return chatAnswer.parse(await response.json());
}

/** How many of the answers of a miner with this model are refused, and why. */
async function refusals(modelFile: string): Promise<{ refused: number; reasons: Record<string, number> }> {
  const server = await serve(await open(modelFile, 2));
  const reasons: Record<string, number> = {};
  let refused = 0;
  const asked = requests('period', CHECKED);
  for (let start = 0; start < asked.length; start += 2) {
    const pair = asked.slice(start, start + 2);
    // Two at a time, so that they share batches of the miner's engine.
    const answers = await Promise.all(pair.map((request) => ask(server, request)));
    for (const [place, request] of pair.entries()) {
      const seen = await checked(request, answers[place] ?? answerMissing());
      const { score_ppm, reason } = gradeTextProbabilities(seen.tokens, seen.compared, limits);
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      if (score_ppm === 0) refused += 1;
    }
  }
  return { refused, reasons };
}

function answerMissing(): never {
  throw new Error('an answer is missing');
}

describe('the embedded engine', () => {
  it('states by prefill what it states when it writes', async () => {
    const [request] = requests('agreement', 1);
    if (request === undefined) throw new Error('there is no request');
    const answer = await answerOf(verifier, request);
    const { tokens } = await verifier.prefill({ api: 'chat', body: request }, textOf(answer));
    const stated = statedOf(answer);
    expect(stated.length).toBeGreaterThan(10);
    const off = tokens.map(({ logprob }, position) =>
      Math.abs(Math.exp(logprob) - Math.exp(stated[position]?.logprob ?? 0)),
    );
    const likeliest = tokens.map(({ top }, position) => {
      return Math.abs(Math.exp(top[0]?.logprob ?? 0) - Math.exp(stated[position]?.top_logprobs[0]?.logprob ?? 0));
    });
    console.log(`probabilities differ by ${Math.max(...off)} at most`);
    expect(Math.max(...off, ...likeliest)).toBeLessThan(0.02);
    expect(await answerOf(verifier, request)).toEqual({ ...answer, id: expect.any(String) as string });
  });

  it.each([
    ['the right model', 'F16', 1, 0, CHECKED / 100],
    ['the same weights at 4 bits', 'Q4_0', 1, 0.95 * CHECKED, CHECKED],
    ['other weights', 'F16', 2, 0.95 * CHECKED, CHECKED],
  ] as const)(
    'refuses of 200 answers by %s as many as it should',
    async (name, precision, seed, least, most) => {
      const { refused, reasons } = await refusals(await makeTextModel(folder, precision, seed));
      console.log(`${name}: ${refused} of ${CHECKED} refused`, reasons);
      expect(refused).toBeGreaterThanOrEqual(least);
      expect(refused).toBeLessThanOrEqual(most);
    },
    600_000,
  );
});

describe('requests to the embedded engine', () => {
  const body: ChatRequest = { model: MODEL, messages: [{ role: 'user', content: 'Say it.' }], max_tokens: 12, seed: 7 };

  it('streams what it answers whole', async () => {
    const chunks: ChatChunk[] = [];
    const request = { ...body, stream: true, logprobs: true, top_logprobs: 3 };
    const streamed = await verifier.answer(
      { api: 'chat', body: request },
      {
        timeoutMs: 60_000,
        onChunk: (chunk) => {
          if (chunk.api === 'chat') chunks.push(chatChunkOf(JSON.stringify(chunk.body)) ?? answerMissing());
        },
      },
    );
    expect(joinChat(chunks)).toEqual(streamed.body);
    expect(chunks).toHaveLength(13);
    expect(textOf(joinChat(chunks))).toBe(textOf(await answerOf(verifier, body)));
    expect(joinChat(chunks).choices[0]?.finish_reason).toBe('length');
  });

  it('ends before a text that stops it', async () => {
    const text = textOf(await answerOf(verifier, body));
    const stop = text.slice(11, 14);
    const stopped = await answerOf(verifier, { ...body, stop, logprobs: true });
    expect(textOf(stopped)).toBe(text.slice(0, text.indexOf(stop)));
    expect(
      statedOf(stopped)
        .map(({ token }) => token)
        .join(''),
    ).toBe(textOf(stopped));
    expect(stopped.choices[0]?.finish_reason).toBe('stop');
  });

  it('completes a prompt by the likeliest tokens at temperature 0', async () => {
    const completion = { model: MODEL, prompt: 'Once', max_tokens: 5, temperature: 0, logprobs: 2 };
    const answer = await verifier.answer({ api: 'completion', body: completion }, { timeoutMs: 60_000 });
    if (answer.api !== 'completion') throw new Error('it is no completion');
    const { text, logprobs } = answer.body.choices[0] ?? answerMissing();
    expect(logprobs?.tokens.join('')).toBe(text);
    const seen = await verifier.prefill({ api: 'completion', body: completion }, text);
    // Two tokens may be as likely but for the order in which a batch is added up.
    expect(seen.tokens.every(({ rank }) => rank !== null && rank <= 2)).toBe(true);
  });

  it('makes vectors of length 1, alike for one text', async () => {
    const embed = { model: MODEL, input: ['one text', 'another', 'one text'], encoding_format: 'float' } as const;
    const answer = await verifier.answer(
      { api: 'embeddings', body: { ...embed, input: [...embed.input] } },
      { timeoutMs: 60_000 },
    );
    if (answer.api !== 'embeddings') throw new Error('it is none');
    const [first, second, third] = answer.body.data.map(({ embedding }) => embedding);
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 6);
    expect(third).toEqual(first);
    expect(second).not.toEqual(first);
  });

  it('says why it does not answer', async () => {
    const chat = (over: Partial<ChatRequest>) =>
      verifier.answer({ api: 'chat', body: { ...body, ...over } }, { timeoutMs: 60_000 });
    await expect(chat({ messages: [{ role: 'user', content: 'x'.repeat(2000) }] })).rejects.toThrow(
      'room for 512 tokens',
    );
    const image = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } };
    await expect(chat({ messages: [{ role: 'user', content: [image] }] })).rejects.toThrow('it sees no images');
    const late = verifier.answer({ api: 'chat', body: { ...body, max_tokens: 400 } }, { timeoutMs: 1 });
    await expect(late).rejects.toThrow('it took too long');
    const reason = new Error('enough');
    const call = { timeoutMs: 60_000, signal: AbortSignal.abort(reason) };
    await expect(verifier.answer({ api: 'chat', body }, call)).rejects.toBe(reason);
    const absent = openEmbeddedBackend({ enginesFolder: undefined, modelFile: 'x.gguf' });
    await expect(absent).rejects.toThrow('node stack/setup.mjs --engines');
    const broken = join(folder, 'broken.gguf');
    writeFileSync(broken, 'no model');
    await expect(openEmbeddedBackend({ enginesFolder, modelFile: broken })).rejects.toThrow('broken.gguf');
  });

  it('turns away whom it has no room for, and ends what runs when it is closed', async () => {
    const modelFile = await makeTextModel(folder, 'Q8_0');
    const small = await openEmbeddedBackend({ enginesFolder, modelFile, concurrency: 1, mostWaiting: 1, threads: 1 });
    const long = { api: 'chat' as const, body: { ...body, max_tokens: 400 } };
    const asked = [1, 2, 3].map(() => small.answer(long, { timeoutMs: 60_000 }));
    await expect(asked[2]).rejects.toThrow('is busy');
    const ended = Promise.allSettled(asked);
    await small.close();
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
