import type { Task } from '../tasks/task.ts';
import type { ChatRequest } from '../wire/chat.ts';
import type { CompletionRequest } from '../wire/completion.ts';
import type { ImageRequest } from '../wire/images.ts';
import { MAX_TOP_LOGPROBS } from '../wire/limits.ts';
import { requestTexts } from '../wire/request.ts';
import type { TaskRequest } from '../wire/request.ts';
import { drawsFrom } from './prompt-seed.ts';
import type { Draws } from './prompt-seed.ts';

/*
 * What customers set, and how often: drawn for synthetic requests, so that both kinds have parameters of one distribution. The shares are ours, after
 * what public chat and image interfaces offer as defaults; a gateway that counts its customers' parameters may put its own in their place.
 * Customers' requests are brought to the same grid and the same body, member order included, by `canonicalRequest`.
 */

/** Values with their weights; `null`: left out. */
type Weighted<Value> = readonly (readonly [Value, number])[];

const TEMPERATURES: Weighted<number | null> = [
  [null, 35],
  [0, 12],
  [0.1, 4],
  [0.2, 6],
  [0.3, 5],
  [0.5, 7],
  [0.7, 16],
  [0.8, 5],
  [0.9, 2],
  [1, 7],
  [1.2, 1],
];
const TOP_PS: Weighted<number | null> = [
  [null, 70],
  [1, 8],
  [0.95, 9],
  [0.9, 10],
  [0.8, 2],
  [0.5, 1],
];
/** Answers are asked for in these lengths; a task's own limit is one more. */
const MAX_TOKENS: Weighted<number | null> = [
  [null, 20],
  [64, 6],
  [128, 10],
  [256, 18],
  [512, 20],
  [1024, 16],
  [2048, 7],
  [4096, 3],
];
const SIZES: Weighted<string | null> = [
  [null, 20],
  ['1024x1024', 40],
  ['512x512', 10],
  ['768x768', 6],
  ['832x1216', 8],
  ['1216x832', 8],
  ['768x1344', 4],
  ['1344x768', 4],
];
const STEPS: Weighted<number | null> = [
  [null, 30],
  [4, 18],
  [8, 6],
  [20, 16],
  [25, 8],
  [28, 6],
  [30, 12],
  [50, 4],
];
const GUIDANCE: Weighted<number | null> = [
  [null, 40],
  [1, 5],
  [3.5, 15],
  [5, 10],
  [7, 15],
  [7.5, 15],
];
const STRENGTHS: Weighted<number | null> = [
  [null, 35],
  [0.3, 8],
  [0.5, 17],
  [0.6, 10],
  [0.75, 20],
  [0.8, 10],
];
const NEGATIVES: Weighted<string | null> = [
  [null, 80],
  ['blurry, low quality', 7],
  ['text, watermark', 5],
  ['ugly, deformed, extra fingers', 5],
  ['blurry, text, watermark, bad anatomy', 3],
];

/** The texts of one chat, the last of which is to be answered. */
const CHAT_ROLES: Weighted<readonly Role[]> = [
  [['user'], 70],
  [['system', 'user'], 15],
  [['user', 'assistant', 'user'], 10],
  [['system', 'user', 'assistant', 'user'], 5],
];
/** Texts of one request for embeddings. */
const EMBEDDING_TEXTS: Weighted<number> = [
  [1, 70],
  [2, 12],
  [3, 8],
  [4, 10],
];

/** Whose text it is. */
export type Role = 'system' | 'user' | 'assistant';

/** Bytes that a drawn negative prompt may add to a request's text. */
export const MOST_NEGATIVE_BYTES = Math.max(...NEGATIVES.map(([text]) => Buffer.byteLength(text ?? '')));

/** What a member is where customers leave it out: the value that OpenAI's API, or most engines, would take. */
const DEFAULTS = { temperature: 1, top_p: 1, size: '1024x1024', steps: 20, guidance: 5, strength: 0.75 };

/** Seeds fit every engine's 32-bit one. */
const SEEDS = 2 ** 32;

/** How many texts a request has, and whose. */
export function drawRoles({ kind }: Task, draws: Draws): readonly Role[] {
  if (kind === 'embedding') return Array.from({ length: weighted(EMBEDDING_TEXTS, draws) }, () => 'user');
  return kind === 'chat' ? weighted(CHAT_ROLES, draws) : ['user'];
}

/** A request as a customer might write it, before it is made canonical: what is asked, and parameters drawn from customers' distribution. */
export function drawParameters(task: Task, request: TaskRequest, draws: Draws): TaskRequest {
  switch (request.api) {
    case 'chat':
      return { api: 'chat', body: { ...request.body, ...drawSampling(draws) } };
    case 'completion':
      return { api: 'completion', body: { ...request.body, ...drawSampling(draws) } };
    case 'embeddings':
      return request;
    case 'images':
      return { api: 'images', body: { ...request.body, ...drawImageParameters(task, draws) } };
  }
}

/**
 * The request as it goes to a miner, synthetic or a customer's: every member that its API has for the task is there, in one order, on one grid. What
 * was left out is filled; texts are always streamed and always state log probabilities, so that each can be checked. Whoever asked brings the answer to
 * what it asked for: `max_tokens` goes up to the next length, `stop` and `dimensions` are left out, and `n` images are as many requests. Images are made
 * alike by `canonicalImage`.
 * @param draws for the sampler's seed where the request has none
 */
export function canonicalRequest(task: Task, request: TaskRequest, draws: Draws): TaskRequest {
  switch (request.api) {
    case 'chat':
      return { api: 'chat', body: chatBody(task, request.body, seedOf(request, draws)) };
    case 'completion':
      return { api: 'completion', body: completionBody(task, request.body, seedOf(request, draws)) };
    case 'embeddings': {
      const { model, input } = request.body;
      const texts = typeof input === 'string' ? [input] : input;
      return { api: 'embeddings', body: { model, input: texts, encoding_format: 'float' } };
    }
    case 'images':
      return { api: 'images', body: imageBody(task, request.body, seedOf(request, draws)) };
  }
}

function drawSampling(draws: Draws) {
  return {
    ...given('max_tokens', weighted(MAX_TOKENS, draws)),
    ...given('temperature', weighted(TEMPERATURES, draws)),
    ...given('top_p', weighted(TOP_PS, draws)),
  };
}

function drawImageParameters({ kind }: Task, draws: Draws) {
  if (kind === 'upscale') return {};
  return {
    ...given('negative_prompt', weighted(NEGATIVES, draws)),
    ...given('size', weighted(SIZES, draws)),
    ...given('steps', weighted(STEPS, draws)),
    ...given('guidance_scale', weighted(GUIDANCE, draws)),
    ...given('strength', weighted(STRENGTHS, draws)),
  };
}

function chatBody(task: Task, { model, messages, ...asked }: ChatRequest, seed: number): ChatRequest {
  // An engine that is asked for no alternative may state no probability at all (llama.cpp).
  return {
    model,
    messages: messages.map(plainMessage),
    ...samplingOf(task, asked, seed),
    logprobs: true,
    top_logprobs: alternatives(task),
  };
}

/** Text alone is a string; beside an image, text comes first. */
function plainMessage({ role, content }: ChatRequest['messages'][number]): ChatRequest['messages'][number] {
  if (typeof content === 'string') return { role, content };
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const images = content.filter((part) => part.type === 'image_url');
  const text = texts.join('\n\n');
  return { role, content: images.length === 0 ? text : [{ type: 'text', text }, ...images] };
}

function completionBody(task: Task, { model, prompt, ...asked }: CompletionRequest, seed: number): CompletionRequest {
  return { model, prompt, ...samplingOf(task, asked, seed), logprobs: alternatives(task) };
}

function alternatives({ check }: Task): number {
  return check.method === 'text-top-tokens' ? Math.min(check.top, MAX_TOP_LOGPROBS) : 1;
}

type Sampling = Partial<Pick<ChatRequest, 'max_tokens' | 'temperature' | 'top_p'>>;

function samplingOf({ limits }: Task, asked: Sampling, seed: number) {
  return {
    max_tokens: gridTokens(asked.max_tokens ?? limits.tokens, limits.tokens),
    temperature: onGrid(asked.temperature ?? DEFAULTS.temperature, 0.1),
    top_p: Math.max(onGrid(asked.top_p ?? DEFAULTS.top_p, 0.05), 0.05),
    seed,
    stream: true,
    stream_options: { include_usage: true },
  };
}

function imageBody(task: Task, asked: ImageRequest, seed: number): ImageRequest {
  const { kind, limits } = task;
  const images = {
    ...(asked.image === undefined ? {} : { image: asked.image }),
    ...(asked.mask === undefined ? {} : { mask: asked.mask }),
  };
  // An upscaler is told nothing of the picture.
  const head = { model: asked.model, prompt: kind === 'upscale' ? '' : asked.prompt, n: 1 };
  const format = { response_format: 'b64_json' as const };
  if (kind === 'upscale') return { ...head, ...format, seed, ...images };
  const changes = asked.image !== undefined && kind !== 'conditional-image';
  return {
    ...head,
    size: gridSize(asked.size ?? DEFAULTS.size),
    ...format,
    ...(asked.negative_prompt === undefined ? {} : { negative_prompt: asked.negative_prompt }),
    seed,
    steps: Math.min(asked.steps ?? DEFAULTS.steps, limits.steps),
    guidance_scale: onGrid(asked.guidance_scale ?? DEFAULTS.guidance, 0.5),
    ...images,
    ...(changes ? { strength: onGrid(asked.strength ?? DEFAULTS.strength, 0.05) } : {}),
  };
}

/** Customers' seeds are small, and the same in all their requests: here they differ from text to text, and are the same for the same. */
function seedOf(request: TaskRequest, draws: Draws): number {
  const asked = request.api === 'embeddings' ? undefined : request.body.seed;
  if (asked === undefined) return draws.below(SEEDS);
  return drawsFrom(`customer's seed.${asked}.${requestTexts(request).join('.')}`).below(SEEDS);
}

/** The next length up; the task's limit ends the grid. */
function gridTokens(asked: number, limit: number): number {
  const lengths = MAX_TOKENS.flatMap(([length]) => (length === null ? [] : [length]));
  return Math.min(limit, lengths.find((length) => length >= asked) ?? limit);
}

/** The size of the grid that is nearest in shape, and of those the nearest in area. */
function gridSize(asked: string): string {
  const sizes = SIZES.flatMap(([size]) => (size === null ? [] : [size]));
  const [width, height] = sides(asked);
  const distance = (size: string): number => {
    const [gridWidth, gridHeight] = sides(size);
    const shape = Math.abs(Math.log(gridWidth / gridHeight / (width / height)));
    return 10 * shape + Math.abs(Math.log((gridWidth * gridHeight) / (width * height)));
  };
  return sizes.reduce((best, size) => (distance(size) < distance(best) ? size : best), DEFAULTS.size);
}

function sides(size: string): [width: number, height: number] {
  const [width = 1, height = 1] = size.split('x').map(Number);
  return [width, height];
}

function onGrid(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(2));
}

function weighted<Value>(values: Weighted<Value>, draws: Draws): Value {
  let left = draws.below(values.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [value, weight] of values) {
    if (left < weight) return value;
    left -= weight;
  }
  throw new RangeError('no value to draw');
}

function given<Name extends string, Value>(name: Name, value: Value | null): Partial<Record<Name, Value>> {
  return value === null ? {} : ({ [name]: value } as Record<Name, Value>);
}
