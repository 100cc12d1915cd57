import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckAnswer } from '../../activities/check-answer.ts';
import { createCheckAnswer } from '../../activities/grade-answer.ts';
import type { Backend } from '../../src/inference/backends/backend.ts';
import { createEngineClient } from '../../src/inference/backends/engine-client.ts';
import type { EngineClient } from '../../src/inference/backends/engine-client.ts';
import { createOpenAiBackend } from '../../src/inference/backends/openai-backend.ts';
import { readAnswer } from '../../src/inference/backends/read-answer.ts';
import type { TaskChecker } from '../../src/inference/checks/checker.ts';
import { createEchoPrefill } from '../../src/inference/checks/echo-prefill.ts';
import { createShadesEncoder } from '../../src/inference/checks/shades-encoder.ts';
import { createVllmPrefill } from '../../src/inference/checks/vllm-prefill.ts';
import { tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import type { Task } from '../../src/inference/tasks/task.ts';
import type { ImageAnswer } from '../../src/inference/wire/images.ts';
import type { TaskAnswer, TaskRequest } from '../../src/inference/wire/request.ts';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn, StandInMode } from '../../stack/model-stand-in/server.ts';

const network = { userAgent: 'seine-test' };
const PATHS = {
  chat: 'chat/completions',
  completion: 'completions',
  images: 'images/generations',
  embeddings: 'embeddings',
};

let miner: ModelStandIn;
let verifier: ModelStandIn;
let engine: EngineClient;
let backend: Backend;
let checkers: Record<'vllm' | 'echo', TaskChecker>;

beforeAll(async () => {
  [miner, verifier] = await Promise.all([startModelStandIn(), startModelStandIn()]);
  engine = createEngineClient({ baseUrl: verifier.url, network });
  backend = createOpenAiBackend({ baseUrl: verifier.url, network });
  const means = { backend, encoder: createShadesEncoder(), judge: null, aesthetic: null, timeoutMs: 10_000 };
  const chat = { turn: '{role}: {content}\n', answer: 'assistant:' };
  checkers = {
    vllm: { ...means, prefill: createVllmPrefill({ engine, timeoutMs: 10_000 }) },
    echo: { ...means, prefill: createEchoPrefill({ engine, timeoutMs: 10_000, chat }) },
  };
});
beforeEach(() => {
  miner.setMode('honest');
  verifier.setMode('honest');
});
afterAll(async () => {
  await Promise.all([engine.close(), backend.close()]);
  await Promise.all([miner.close(), verifier.close()]);
});

describe.each(['chat', 'completion'] as const)('the stand-in by its %s', (api) => {
  const task = taskOf(api);
  const request = (index: number) => textRequest(api, index);

  it.each(['vllm', 'echo'] as const)('is right where it is honest, 100 of 100, by %s', async (way) => {
    const results = await inTens(100, async (index) => (await checked(task, request(index), way)).reason);
    expect(counted(results)).toEqual({ same: 100 });
  });

  it.each(['vllm', 'echo'] as const)('is right by its likeliest tokens, by %s', async (way) => {
    const top = taskOf(api, { method: 'text-top-tokens' });
    const results = await inTens(10, async (index) => (await checked(top, request(index), way)).reason);
    expect(counted(results)).toEqual({ same: 10 });
  });

  it.each<[StandInMode, string]>([
    ['wrong_model', 'unlikely_tokens'],
    ['false_logprobs', 'unlikely_tokens'],
    ['no_logprobs', 'no_probabilities'],
    ['short', 'cut_short'],
  ])('is wrong as %s: %s', async (mode, reason) => {
    for (const way of ['vllm', 'echo'] as const) {
      miner.setMode(mode);
      const results = await inTens(10, (index) => checked(task, request(index), way));
      expect(counted(results.map((result) => result.reason))).toEqual({ [reason]: 10 });
      expect(results.every(({ verdict, quality_ppm }) => verdict === 'wrong' && quality_ppm === 0)).toBe(true);
    }
  });

  it('is wrong where it replays', async () => {
    miner.setMode('replayed');
    const results = await inTens(10, (index) => checked(task, request(index + 500), 'vllm'));
    expect(results.map(({ reason }) => reason)).toEqual(Array(10).fill('unlikely_tokens'));
  });

  it('is wrong where it is more heavily quantised, by thresholds that honest answers gave', async () => {
    const honest = await inTens(50, async (index) => distanceOf(request(index + 1000)));
    // Twice the worst of the honest ones, and room for how engines round.
    const full = Math.ceil(2 * Math.max(...honest)) + 10_000;
    const tight = taskOf(api, { full_distance_ppm: full, half_distance_ppm: full, positions: 20 });
    const kept = await inTens(50, (index) => checked(tight, request(index + 2000), 'vllm'));
    expect(counted(kept.map(({ reason }) => reason))).toEqual({ same: 50 });
    miner.setMode('quantised');
    const refused = await inTens(50, (index) => checked(tight, request(index + 2000), 'vllm'));
    expect(refused.every(({ verdict }) => verdict === 'wrong')).toBe(true);
    expect(Object.keys(counted(refused.map(({ reason }) => reason))).sort()).toEqual(
      expect.arrayContaining(['other_probabilities']),
    );
  });

  it('gives no answer to be checked where it is cut off', async () => {
    miner.setMode('cut_off');
    await expect(answered(request(1))).rejects.toThrow('not JSON');
  });

  it('is inconclusive where the checker has trouble', async () => {
    for (const mode of ['failing', 'busy', 'cut_off'] as const) {
      verifier.setMode(mode);
      const result = await checked(task, request(1), 'vllm');
      expect(result).toEqual({ verdict: 'inconclusive', quality_ppm: 0, reason: 'checker_failed' });
    }
  });
});

describe('the stand-in by its images', () => {
  const similar = taskOf('images');
  const match = taskOf('images', { method: 'image-match' });

  it.each([
    ['image-similarity', similar],
    ['image-match', match],
  ])('is right where it is honest, by %s', async (_, task) => {
    const results = await inTens(30, (index) => checked(task, imageRequest(index), 'vllm'));
    expect(counted(results.map(({ reason }) => reason))).toEqual({ same: 30 });
  });

  it.each<[StandInMode, string, string]>([
    ['wrong_model', 'other_image', 'other_embedding'],
    ['quantised', 'other_image', 'other_embedding'],
    ['short', 'other_size', 'other_size'],
  ])('is wrong as %s: %s, %s', async (mode, bySimilarity, byMatch) => {
    miner.setMode(mode);
    const results = await inTens(10, (index) => checked(similar, imageRequest(index), 'vllm'));
    expect(counted(results.map(({ reason }) => reason))).toEqual({ [bySimilarity]: 10 });
    const matched = await inTens(10, (index) => checked(match, imageRequest(index), 'vllm'));
    expect(matched.every(({ verdict }) => verdict === 'wrong')).toBe(true);
    expect(Object.keys(counted(matched.map(({ reason }) => reason)))).toContain(byMatch);
  });

  it('is wrong where it replays', async () => {
    miner.setMode('replayed');
    await checked(similar, imageRequest(1), 'vllm');
    expect(await checked(similar, imageRequest(2), 'vllm')).toMatchObject({ verdict: 'wrong', reason: 'other_image' });
  });

  it('is wrong by what is no image, another number of them, and another flag', async () => {
    const request = imageRequest(3);
    const honest = await answered(request);
    if (honest.api !== 'images') throw new Error('no image');
    const [image] = honest.body.data;
    const bytes = Buffer.from(image?.b64_json ?? '', 'base64');
    const given = async (data: ImageAnswer['data']) =>
      (await checkWith('vllm')({ task: similar, request, answer: { api: 'images', body: { data } }, seed: 's' }))
        .reason;
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>');
    expect(await given([{ b64_json: svg.toString('base64') }])).toBe('not_an_image');
    expect(await given([{ b64_json: bytes.subarray(0, bytes.length - 60).toString('base64') }])).toBe('not_an_image');
    expect(await given([image, image].flatMap((each) => each ?? []))).toBe('other_count');
    expect(await given([{ b64_json: bytes.toString('base64'), is_nsfw: true }])).toBe('safety_flag');
    expect(await given([{ b64_json: bytes.toString('base64') }])).toBe('same');
  });

  it('is inconclusive without a seed, or without an encoder', async () => {
    const { body } = imageRequest(4);
    const unseeded = Object.fromEntries(Object.entries(body).filter(([member]) => member !== 'seed'));
    const request = { api: 'images', body: unseeded } as TaskRequest;
    expect(await checked(similar, request, 'vllm')).toMatchObject({ reason: 'no_seed' });
    const check = createCheckAnswer({ checkerOf: () => Promise.resolve({ ...checkers.vllm, encoder: null }) });
    const answer = await answered(imageRequest(4));
    const result = await check({ task: similar, request: imageRequest(4), answer, seed: 's' });
    expect(result).toEqual({ verdict: 'inconclusive', quality_ppm: 0, reason: 'no_checker' });
  });
});

describe('the stand-in by its embeddings', () => {
  const task = taskOf('embeddings');
  const request = (index: number): TaskRequest => ({
    api: 'embeddings',
    body: { model: 'toy', input: [`words of number ${index}`, `a sea of ${index} fish`], encoding_format: 'float' },
  });

  it('is right where it is honest', async () => {
    const results = await inTens(30, (index) => checked(task, request(index), 'vllm'));
    expect(counted(results.map(({ reason }) => reason))).toEqual({ same: 30 });
  });

  it.each<[StandInMode, string]>([
    ['wrong_model', 'other_embedding'],
    ['quantised', 'other_embedding'],
    ['short', 'other_size'],
  ])('is wrong as %s: %s', async (mode, reason) => {
    miner.setMode(mode);
    const results = await inTens(10, (index) => checked(task, request(index), 'vllm'));
    expect(counted(results.map((result) => result.reason))).toEqual({ [reason]: 10 });
  });

  it('is wrong where it replays', async () => {
    miner.setMode('replayed');
    await checked(task, request(1), 'vllm');
    expect(await checked(task, request(2), 'vllm')).toMatchObject({ reason: 'other_embedding' });
  });
});

describe('a check', () => {
  it('ends with the reason of its caller', async () => {
    const reason = new Error('enough');
    const answer = await answered(textRequest('chat', 1));
    const input = { task: taskOf('chat'), request: textRequest('chat', 1), answer, seed: 's' };
    await expect(checkWith('vllm')(input, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('is inconclusive where the validator has no checker, and says what stood in its way', async () => {
    const answer = await answered(textRequest('chat', 1));
    const input = { task: taskOf('chat'), request: textRequest('chat', 1), answer, seed: 's' };
    const none = createCheckAnswer({ checkerOf: () => Promise.resolve(null) });
    expect(await none(input)).toMatchObject({ verdict: 'inconclusive', reason: 'no_checker' });
    const told: string[] = [];
    const failing = createCheckAnswer({
      checkerOf: () => Promise.reject(new Error('it is broken')),
      onTrouble: (task, error) => void told.push(`${task.name}: ${String(error)}`),
    });
    expect(await failing(input)).toMatchObject({ verdict: 'inconclusive', reason: 'checker_failed' });
    expect(told).toEqual(['chat: Error: it is broken']);
  });

  it('lets a text end where the verifier could, and where a word of the request may have ended it', async () => {
    const request = textRequest('completion', 1);
    if (request.api !== 'completion') throw new Error('no completion');
    const token = { text: ' yes', logprob: -0.1 };
    const top = [token, { text: '</s>', logprob: -2 }];
    const reasonOf = async (end_logprob: number | null, asked: TaskRequest, finish_reason: string | null) => {
      const tokens = [{ ...token, rank: 1, top, end_logprob: -2 }];
      const prefill = () => Promise.resolve({ tokens, end_logprob });
      const check = createCheckAnswer({ checkerOf: () => Promise.resolve({ ...checkers.vllm, prefill }) });
      const logprobs = { tokens: [' yes'], token_logprobs: [-0.1], top_logprobs: null };
      const body = { id: 'x', model: 'toy', choices: [{ index: 0, text: ' yes', finish_reason, logprobs }] };
      const answer: TaskAnswer = { api: 'completion', body };
      return (await check({ task: taskOf('completion'), request: asked, answer, seed: 's' })).reason;
    };
    expect(await reasonOf(-3, request, 'stop')).toBe('same');
    expect(await reasonOf(-60, request, 'stop')).toBe('same');
    expect(await reasonOf(null, request, 'stop')).toBe('cut_short');
    expect(await reasonOf(null, request, null)).toBe('cut_short');
    expect(await reasonOf(-3, request, 'length')).toBe('cut_short');
    const ending: TaskRequest = { api: 'completion', body: { ...request.body, stop: ['.'] } };
    expect(await reasonOf(null, ending, 'stop')).toBe('same');
  });

  it('judges an open category by what it is asked and how it looks', async () => {
    const task = taskOf('images', {}, null);
    const request = imageRequest(5);
    const answer = await answered(request);
    const judged = async (words: string, aesthetic: number, asked = request) => {
      const choices = [{ index: 0, message: { role: 'assistant' as const, content: words }, finish_reason: 'stop' }];
      const said: TaskAnswer = { api: 'chat', body: { id: 'x', model: 'eyes', choices } };
      const judge = { model: 'eyes', backend: { answer: () => Promise.resolve(said), close: () => Promise.resolve() } };
      const means = { ...checkers.vllm, judge, aesthetic: { scoreOf: () => aesthetic } };
      const check = createCheckAnswer({ checkerOf: () => Promise.resolve(means) });
      return check({ task, request: asked, answer, seed: 's' });
    };
    expect(await judged('Yes.', 5.25)).toEqual({ verdict: 'right', quality_ppm: 750_000, reason: 'judged' });
    expect(await judged('No.', 3)).toEqual({ verdict: 'wrong', quality_ppm: 0, reason: 'other_image' });
    expect(await judged('Perhaps.', 5)).toMatchObject({ verdict: 'inconclusive', reason: 'unclear_judge' });
    const larger: TaskRequest = { api: 'images', body: { ...request.body, size: '128x128' } } as TaskRequest;
    expect(await judged('Yes.', 5, larger)).toMatchObject({ verdict: 'wrong', reason: 'other_size' });
  });

  it('calls an answer of another kind, one without text and one of other tokens wrong', async () => {
    const request = textRequest('chat', 1);
    const honest = await answered(request);
    if (honest.api !== 'chat') throw new Error('no chat');
    const [choice] = honest.body.choices;
    if (choice === undefined) throw new Error('no choice');
    const reasonOf = async (answer: TaskAnswer) =>
      (await checkWith('vllm')({ task: taskOf('chat'), request, answer, seed: 's' })).reason;
    const saying = (content: string, more: object = {}): TaskAnswer => ({
      api: 'chat',
      body: { ...honest.body, choices: [{ ...choice, message: { role: 'assistant', content }, ...more }] },
    });
    expect(await reasonOf({ api: 'images', body: { data: [{ b64_json: 'AAAA' }] } })).toBe('malformed');
    expect(await reasonOf(saying(' \n'))).toBe('cut_short');
    expect(await reasonOf(saying('other words'))).toBe('other_text');
    const stated = choice.logprobs?.content ?? [];
    // Half of the answer, said to have had the length that was asked for.
    const half = stated.slice(0, 20);
    const text = half.map(({ token }) => token).join('');
    expect(await reasonOf(saying(text, { logprobs: { content: half } }))).toBe('cut_short');
    // The right words in other pieces, which no probability is stated of.
    const split = stated.flatMap(({ token, logprob, top_logprobs: tops }) =>
      [token.slice(0, 1), token.slice(1)].map((part) => ({ token: part, logprob, top_logprobs: tops })),
    );
    expect(await reasonOf(saying(choice.message.content ?? '', { logprobs: { content: split } }))).toBe(
      'other_probabilities',
    );
  });
});

function taskOf(api: TaskRequest['api'], check: object = {}, model: string | null = 'toy'): Task {
  const kind = { chat: 'chat', completion: 'completion', images: 'text-to-image', embeddings: 'embedding' }[api];
  const entry = { name: api, kind, model, weight_ppm: 1_000_000, check };
  const [task] = tasksOf({ version: 1, tasks: [entry] }, 'test.toml').tasks;
  if (task === undefined) throw new Error('no task');
  return task;
}

function textRequest(api: 'chat' | 'completion', index: number): TaskRequest {
  const how = { model: 'toy', max_tokens: 40, temperature: 0.5 + (index % 6) / 10, seed: index };
  const prompt = `question ${index} of many, about the sea:`;
  if (api === 'completion') return { api, body: { ...how, prompt, logprobs: 20 } };
  const messages = [{ role: 'user' as const, content: prompt }];
  return { api, body: { ...how, messages, logprobs: true, top_logprobs: 20 } };
}

function imageRequest(index: number): TaskRequest {
  const body = { model: 'toy', prompt: `a boat, number ${index}`, n: 1, size: '64x64', seed: index, steps: 8 };
  return { api: 'images', body: { ...body, response_format: 'b64_json' } };
}

/** As a client takes it: the miner's own server may let through what lacks probabilities. */
async function answered(request: TaskRequest): Promise<TaskAnswer> {
  const response = await fetch(`${miner.url}/${PATHS[request.api]}`, {
    method: 'POST',
    body: JSON.stringify(request.body),
  });
  return readAnswer(request, new Uint8Array(await response.arrayBuffer()));
}

function checkWith(way: 'vllm' | 'echo'): CheckAnswer {
  return createCheckAnswer({ checkerOf: () => Promise.resolve(checkers[way]) });
}

async function checked(task: Task, request: TaskRequest, way: 'vllm' | 'echo') {
  const answer = await answered(request);
  return checkWith(way)({ task, request, answer, seed: JSON.stringify(request.body) });
}

/** Mean distance of probabilities over an honest answer, in parts per million. */
async function distanceOf(request: TaskRequest): Promise<number> {
  if (request.api !== 'chat' && request.api !== 'completion') throw new Error('no text');
  const answer = await answered(request);
  const { text, logprobs } =
    answer.api === 'chat'
      ? {
          text: answer.body.choices[0]?.message.content ?? '',
          logprobs: answer.body.choices[0]?.logprobs?.content?.map(({ logprob }) => logprob) ?? [],
        }
      : answer.api === 'completion'
        ? { text: answer.body.choices[0]?.text ?? '', logprobs: answer.body.choices[0]?.logprobs?.token_logprobs ?? [] }
        : { text: '', logprobs: [] };
  const seen = await checkers.vllm.prefill?.(request, text);
  const distances = (seen?.tokens ?? []).map(({ logprob }, index) =>
    Math.abs(Math.exp(logprob) - Math.exp(logprobs[index] ?? 0)),
  );
  return (1_000_000 * distances.reduce((sum, each) => sum + each, 0)) / distances.length;
}

async function inTens<Result>(count: number, run: (index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < count) {
    const ten = Array.from({ length: Math.min(10, count - results.length) }, (_, index) => run(results.length + index));
    results.push(...(await Promise.all(ten)));
  }
  return results;
}

function counted(reasons: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(reasons)].map((each) => [each, reasons.filter((x) => x === each).length]));
}
