import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { answerOf, eventsOf, generate } from './answers.ts';
import type { Generation, StandInApi, StandInRequest } from './answers.ts';
import { createEngineTurns } from './engine-turns.ts';
import type { EngineBound } from './engine-turns.ts';
import type { ToyModel } from './toy-model.ts';

/**
 * What the stand-in does instead of its work:
 * - `slow` waits before each answer; `wrong_model` and `quantised` answer by another model, or by coarser numbers; `short` gives a fraction of the answer;
 * - `replayed` gives its first answer of a kind to every later request; `relayed` passes requests to another server;
 * - `false_logprobs` answers by another model and states that each of its tokens was nearly certain; `no_logprobs` states none;
 * - `busy` answers 429 to whom `isUnwelcome` names; `failing` answers 500; `cut_off` ends its streams half way, and its other answers too.
 */
export type StandInMode =
  | 'honest'
  | 'slow'
  | 'wrong_model'
  | 'quantised'
  | 'short'
  | 'replayed'
  | 'relayed'
  | 'false_logprobs'
  | 'no_logprobs'
  | 'busy'
  | 'failing'
  | 'cut_off';

export interface StandInOptions {
  /** Of its toy model; two stand-ins of one seed are the same model. @default 'toy' */
  seed?: string;
  mode?: StandInMode;
  /** What `slow` waits. @default 200 */
  delayMs?: number;
  /** Base URL that `relayed` passes requests to. */
  relayTo?: string;
  /** Whom `busy` refuses. @default everyone */
  isUnwelcome?: (headers: IncomingMessage['headers'], request: StandInRequest) => boolean;
  /** What it has room for. @default everything at once */
  bound?: EngineBound;
}

export interface ModelStandIn {
  /** With its version: what a backend takes. */
  url: string;
  setMode: (mode: StandInMode) => void;
  /** Requests that came, in order. */
  requests: { api: StandInApi; body: StandInRequest; headers: IncomingMessage['headers'] }[];
  close: () => Promise<void>;
}

const APIS: Readonly<Record<string, StandInApi>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completion',
  '/v1/images/generations': 'images',
  '/v1/embeddings': 'embeddings',
};
export const RETRY_AFTER_S = 7;
/** So coarse that its probabilities are clearly others, while most of its words are still among the likely ones. */
const QUANTISED_COARSENESS = 8;

/** A stand-in for an inference engine: OpenAI's wire format around a toy model, with ways to fail and to cheat. No model runs in it. */
export async function startModelStandIn(options: StandInOptions = {}): Promise<ModelStandIn> {
  let mode = options.mode ?? 'honest';
  const requests: ModelStandIn['requests'] = [];
  const firsts = new Map<StandInApi, Generation>();
  const { bound } = options;
  const takeTurn = bound === undefined ? null : createEngineTurns(bound);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const api = APIS[request.url ?? ''];
    if (request.method !== 'POST' || api === undefined) return refuse(response, 404, 'there is no such path');
    const body = JSON.parse(text) as StandInRequest;
    requests.push({ api, body, headers: request.headers });
    if (mode === 'failing') return refuse(response, 500, 'the model fell over');
    if (mode === 'busy' && (options.isUnwelcome?.(request.headers, body) ?? true)) return tooMany(response);
    if (mode === 'slow') await pause(options.delayMs ?? 200);
    if (mode === 'relayed')
      return relay(`${options.relayTo}${(request.url ?? '').slice('/v1'.length)}`, text, response);
    if (takeTurn !== null) {
      const endTurn = await takeTurn(request.headers.authorization === `Bearer ${bound?.ownKey}`);
      if (endTurn === null) return tooMany(response);
      await pause(bound?.workMs);
      endTurn();
    }
    const made = generationOf(api, body);
    if (body.stream === true) await stream(response, eventsOf(made, body), mode === 'cut_off');
    else send(response, JSON.stringify(answerOf(made, body)), mode === 'cut_off');
  }

  function generationOf(api: StandInApi, body: StandInRequest): Generation {
    const own = generate(modelOf(options.seed ?? 'toy', mode), api, body, mode === 'short');
    const first = firsts.get(api) ?? own;
    firsts.set(api, first);
    return mode === 'replayed' ? first : stating(own, mode);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    setMode: (next) => void (mode = next),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function modelOf(seed: string, mode: StandInMode): ToyModel {
  const isOther = mode === 'wrong_model' || mode === 'false_logprobs';
  return { seed: isOther ? `${seed}, another` : seed, coarseness: mode === 'quantised' ? QUANTISED_COARSENESS : 0 };
}

/** What a liar states of its tokens. */
function stating(made: Generation, mode: StandInMode): Generation {
  if (made.kind !== 'text') return made;
  if (mode === 'no_logprobs') return { ...made, statesLogprobs: false };
  if (mode !== 'false_logprobs') return made;
  const sure = -0.01;
  const tokens = made.tokens.map((each) => ({
    ...each,
    logprob: sure,
    top: [{ token: each.token, logprob: sure }, ...each.top.filter(({ token }) => token !== each.token)],
  }));
  return { ...made, tokens };
}

async function stream(response: ServerResponse, events: readonly string[], isCutOff: boolean): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of isCutOff ? events.slice(0, Math.ceil(events.length / 2)) : events) {
    response.write(event);
    // Each event comes in a piece of its own.
    await pause(0);
  }
  response.end();
}

function send(response: ServerResponse, text: string, isCutOff: boolean): void {
  response.setHeader('content-type', 'application/json');
  response.end(isCutOff ? text.slice(0, text.length / 2) : text);
}

async function relay(url: string, body: string, response: ServerResponse): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  for await (const chunk of answer.body ?? []) response.write(chunk);
  response.end();
}

function tooMany(response: ServerResponse): void {
  response.setHeader('retry-after', String(RETRY_AFTER_S));
  refuse(response, 429, 'too many requests');
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ error: { message, type: 'stand_in', code: status } }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
