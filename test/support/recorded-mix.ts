import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request as send } from 'undici';
import { createHttpTaskClient } from '../../src/inference/client/http-task-client.ts';
import { createMinerHttp } from '../../src/inference/client/miner-http.ts';
import type { AskedMiner, TaskClient } from '../../src/inference/client/task-client.ts';
import { NO_CORPUS } from '../../src/inference/prompts/prompt-corpus.ts';
import { memoryHistory } from '../../src/inference/prompts/prompt-history.ts';
import { drawsFrom } from '../../src/inference/prompts/prompt-seed.ts';
import { NO_SEEDS } from '../../src/inference/prompts/seed-words.ts';
import { createRequestMaker } from '../../src/inference/prompts/synthetic-request.ts';
import { tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import type { Task } from '../../src/inference/tasks/task.ts';
import type { TaskRequest } from '../../src/inference/wire/request.ts';
import { signRequest } from '../../src/net/epistula.ts';
import { signerOf } from '../net/peers.ts';
import type { SeenRequest } from './classifier/seen-request.ts';
import { customersRequest, heldOutTexts, poissonTimes } from './customers.ts';
import { startWireRecorder } from './wire-recorder.ts';

/** What a careless build gives away, each by itself. */
export const LEAKS = ['templates', 'regular times', 'extra header', 'member order'] as const;
export type Leak = (typeof LEAKS)[number];

const MINER = signerOf('//Bob').address;
const TASK = tasksOf(
  { version: 1, tasks: [{ name: 'chat', kind: 'chat', model: 'some/model', weight_ppm: 1_000_000 }] },
  'x',
).tasks[0] as Task;

export interface MixOptions {
  seed: string;
  leaks: readonly Leak[];
  /** Of each kind; of customers' that many on average. */
  count: number;
  periodMs: number;
}

/**
 * A period of synthetic and customers' requests as one miner sees them: sent over HTTP on loopback by the client that both kinds share, at their times, and
 * recorded by the miner's own server.
 */
export async function recordMix({ seed, leaks, count, periodMs }: MixOptions): Promise<SeenRequest[]> {
  const { corpus, heldOut } = heldOutTexts(seed);
  const recorder = await startWireRecorder(MINER);
  const signer = signerOf('//Alice');
  const client = createHttpTaskClient(createMinerHttp({ signer, isAllowedAddress: () => true }));
  const leaky = createLeakyClient(leaks);
  const synthetic = await syntheticRequests(leaks.includes('templates') ? NO_CORPUS : corpus, seed, count);
  const organic = poissonTimes(count, periodMs, seed).map((_, index) => customersRequest(TASK, heldOut, index, seed));
  const times = { synthetic: uniformTimes(seed, count, periodMs, leaks), organic: poissonTimes(count, periodMs, seed) };
  const planned = [
    ...synthetic.map((request, index) => ({ request, atMs: times.synthetic[index] ?? 0, by: leaky ?? client })),
    ...organic.map((request, index) => ({ request, atMs: times.organic[index] ?? 0, by: client })),
  ].sort((a, b) => a.atMs - b.atMs);
  const startMs = performance.now();
  const flying: Promise<unknown>[] = [];
  try {
    for (const { request, atMs, by } of planned) {
      const waitMs = startMs + atMs - performance.now();
      if (waitMs > 0) await pause(waitMs);
      flying.push(by.ask(recorder.miner, TASK, request));
    }
    // A request that failed is one that the miner did not see; whoever asks for the mix counts.
    await Promise.allSettled(flying);
  } finally {
    await client.close();
    await leaky?.close();
    await recorder.close();
  }
  const known = new Set(synthetic.map(({ body }) => messagesIn(body)));
  return recorder.seen.map((seen) => ({ ...seen, synthetic: known.has(messagesIn(JSON.parse(seen.body))) }));
}

function messagesIn(body: unknown): string {
  return JSON.stringify((body as { messages: unknown }).messages);
}

async function syntheticRequests(corpus: typeof NO_CORPUS, seed: string, count: number): Promise<TaskRequest[]> {
  const sources = () => ({ corpus, seeds: NO_SEEDS });
  const make = createRequestMaker({ sources, history: memoryHistory(), promptModel: null, imageBackend: null });
  const origin = { block_hash: `0x${'1f'.repeat(32)}`, secret: `secret ${seed}`, miner: MINER, task: TASK.name };
  const made: TaskRequest[] = [];
  for (let index = 0; index < count; index++) made.push((await make(TASK, { ...origin, index })).request);
  return made;
}

/** As a period's queries are planned: each at any moment as likely. */
function uniformTimes(seed: string, count: number, periodMs: number, leaks: readonly Leak[]): number[] {
  if (leaks.includes('regular times')) return Array.from({ length: count }, (_, index) => (index * periodMs) / count);
  const draws = drawsFrom(`times.${seed}`);
  return Array.from({ length: count }, () => (draws.below(2 ** 32) / 2 ** 32) * periodMs);
}

/** A client of its own for synthetic requests, which shows: it names the kind in a header, or writes its bodies in another order. */
function createLeakyClient(leaks: readonly Leak[]): TaskClient | null {
  if (!leaks.includes('extra header') && !leaks.includes('member order')) return null;
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const signer = signerOf('//Alice');
  return {
    async ask(miner: AskedMiner, task, { body: asked }) {
      const members = Object.entries(asked);
      const ordered = leaks.includes('member order') ? Object.fromEntries(members.toReversed()) : asked;
      const body = Buffer.from(JSON.stringify(ordered));
      const signed = await signRequest({ body, signer, receiver: miner.hotkey, now: Date.now, uuid: randomUUID });
      const headers = ['content-type', 'application/json', 'accept', 'text/event-stream'];
      headers.push('content-length', String(body.length), 'x-seine-task', task.name, ...Object.entries(signed).flat());
      if (leaks.includes('extra header')) headers.push('x-seine-period', '1');
      const url = `${miner.base}/v1/chat/completions`;
      const response = await send(url, { method: 'POST', headers, body, dispatcher: agent });
      await response.body.dump();
      return {
        outcome: 'answered',
        answer: { api: 'chat', body: { id: '1', model: '', choices: [] } },
        elapsed_ms: 0,
        first_ms: 0,
      };
    },
    close: () => agent.destroy(),
  };
}
