import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCheckers } from '../../src/cli/roots/checkers.ts';
import { openLocal } from '../../src/cli/roots/open-local.ts';
import type { Checkers, CheckersOptions } from '../../src/cli/roots/checkers.ts';
import { createOpenAiBackend } from '../../src/inference/backends/openai-backend.ts';
import { createShadesEncoder } from '../../src/inference/checks/shades-encoder.ts';
import { tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import type { Task } from '../../src/inference/tasks/task.ts';
import type { TaskAnswer, TaskRequest } from '../../src/inference/wire/request.ts';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn } from '../../stack/model-stand-in/server.ts';

const network = { userAgent: 'seine-test' };
const request: TaskRequest = {
  api: 'chat',
  body: {
    ...{ model: 'toy', max_tokens: 20, temperature: 0, seed: 1, logprobs: true, top_logprobs: 20 },
    messages: [{ role: 'user', content: 'what is the sea?' }],
  },
};
const image: TaskRequest = {
  api: 'images',
  body: { model: 'toy', prompt: 'a boat, the sea', n: 1, size: '64x64', seed: 1, response_format: 'b64_json' },
};

let folder: string;
let own: ModelStandIn;
let other: ModelStandIn;
let answer: TaskAnswer;
let picture: TaskAnswer;
const opened: Checkers[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seine-checkers-'));
  [own, other] = await Promise.all([startModelStandIn(), startModelStandIn({ mode: 'wrong_model' })]);
  const backend = createOpenAiBackend({ baseUrl: own.url, network });
  answer = await backend.answer(request, { timeoutMs: 5000 });
  picture = await backend.answer(image, { timeoutMs: 5000 });
  await backend.close();
});
afterAll(async () => {
  await Promise.all(opened.map((checkers) => checkers.close()));
  await Promise.all([own.close(), other.close()]);
  await rm(folder, { recursive: true, force: true });
});

it('checks by its file, and by what the file says next', async () => {
  const file = await written('changing.json', { default: reading(own.url) });
  const refused: string[] = [];
  const checkers = await open(file, { onRefused: (error) => void refused.push(error.name) });
  const reason = async () => (await checkers.checkAnswer({ task: chatTask(), request, answer, seed: 's' })).reason;
  expect(await reason()).toBe('same');

  await written('changing.json', { default: reading(own.url), tasks: { chat: reading(other.url) } });
  await checkers.poll();
  expect(await reason()).toBe('unlikely_tokens');

  await writeFile(file, '{');
  await checkers.poll();
  expect(refused).toEqual(['CheckersRefused']);
  expect(await reason()).toBe('unlikely_tokens');
});

it('opens what a local file needs by the functions that it is given, once, and says so where it has none', async () => {
  const local = { backend: { kind: 'embedded', model_file: 'model.gguf' }, encoder: { kind: 'onnx', file: 'a.onnx' } };
  const file = await written('local.json', { default: local });
  const told: string[] = [];
  const bare = await open(file, { onTrouble: (_, error) => void told.push((error as Error).name) });
  const input = { task: chatTask(), request, answer, seed: 's' };
  expect(await bare.checkAnswer(input)).toMatchObject({ verdict: 'inconclusive', reason: 'checker_failed' });
  expect(told).toEqual(['EnginesMissing']);

  const files: string[] = [];
  let closed = 0;
  const backend = { answer: () => Promise.resolve(answer), close: () => Promise.resolve(void (closed += 1)) };
  const checkers = await open(file, {
    openEmbedded: (modelFile) => {
      files.push(modelFile);
      const token = { logprob: -0.1, rank: 1, top: [], end_logprob: null };
      const prefill = (_: unknown, text: string) =>
        Promise.resolve({ tokens: [{ ...token, text }], end_logprob: null });
      return Promise.resolve({ backend, prefill });
    },
    openEncoder: (path) => {
      files.push(path);
      return Promise.resolve(createShadesEncoder());
    },
  });
  const results = await Promise.all([checkers.checkAnswer(input), checkers.checkAnswer(input)]);
  expect(results.map(({ verdict }) => verdict)).toEqual(['wrong', 'wrong']);
  expect(files.sort()).toEqual([join(folder, 'a.onnx'), join(folder, 'model.gguf')]);
  await checkers.close();
  expect(closed).toBe(1);
});

it('judges an open category by its judge and its aesthetic head', async () => {
  await writeFile(join(folder, 'head.json'), JSON.stringify({ weights: Array<number>(192).fill(0), bias: 7 }));
  const judge = { kind: 'openai', url: own.url, model: 'eyes' };
  const means = { encoder: { kind: 'shades' }, judge, aesthetic_file: 'head.json' };
  const checkers = await open(await written('open.json', { default: means }));
  const entry = { name: 'open', kind: 'text-to-image', model: null, weight_ppm: 1_000_000 };
  const task = only(tasksOf({ version: 1, tasks: [entry] }, 'test.toml').tasks);
  // The stand-in's words are neither yes nor no.
  const result = await checkers.checkAnswer({ task, request: image, answer: picture, seed: 's' });
  expect(result).toMatchObject({ verdict: 'inconclusive', reason: 'unclear_judge' });
  expect(own.requests.filter(({ body }) => body.model === 'eyes')).toHaveLength(2);

  const noHead = await open(await written('headless.json', { default: { ...means, aesthetic_file: undefined } }));
  const lacking = await noHead.checkAnswer({ task, request: image, answer: picture, seed: 's' });
  expect(lacking.reason).toBe('no_checker');
});

async function open(file: string, more: Partial<CheckersOptions> = {}): Promise<Checkers> {
  const checkers = await createCheckers({
    ...{ file, network, environment: {}, pollMs: 60_000, ...openLocal(undefined) },
    ...more,
  });
  opened.push(checkers);
  return checkers;
}

async function written(name: string, value: object): Promise<string> {
  await writeFile(join(folder, name), JSON.stringify({ version: 1, ...value }));
  return join(folder, name);
}

function reading(url: string) {
  return { backend: { kind: 'openai', url }, prefill: { way: 'vllm' } };
}

function chatTask(): Task {
  const entry = { name: 'chat', kind: 'chat', model: 'toy', weight_ppm: 1_000_000 };
  return only(tasksOf({ version: 1, tasks: [entry] }, 'test.toml').tasks);
}

function only<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new Error('there is none');
  return item;
}
