import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { verifyRequest } from '../../net/epistula.ts';
import type { SeenIds } from '../../net/epistula.ts';
import type { PathHandler } from '../../net/http-server.ts';
import { createPlaces, createRateLimiter } from '../../net/object-server-limits.ts';
import { requestVolume } from '../volume.ts';
import type { TaskRequest } from '../wire/request.ts';
import type { Admission } from './admission.ts';
import { APIS, askedTask, mostBodyBytes, requestIn, TASK_HEADER } from './asked-task.ts';
import { orAborted } from './backend.ts';
import type { ServerBackend } from './backend.ts';
import { ServerRefusal } from './errors.ts';
import { readBody } from './read-body.ts';
import { faultOf, sendEvents, sendFault, sendText } from './send.ts';
import type { ServedTask } from './served-task.ts';
import type { InferenceServerLimits } from './server-limits.ts';
import type { ServerMetrics } from './server-metrics.ts';
import { volumesAsk } from './statements.ts';

/*
 * A miner's answers, in OpenAI's API, to peers that sign for them by Epistula v2:
 *   POST /v1/chat/completions, /v1/completions, /v1/images/generations, /v1/embeddings
 *   POST /v1/capacity, body {"ask":"capacity"}  -> the miner's signed statement of what it serves
 *   POST /v1/volumes, body {"ask":"volumes","period":n,"task":"…"}  -> its signed statement of what it served
 */

const CAPACITY_PATH = '/v1/capacity';
const VOLUMES_PATH = '/v1/volumes';
/** A task's name of 200 characters, each written as an escape, and what is around it. */
const MAX_ASK_BYTES = 1400;
const ASK_CAPACITY = '{"ask":"capacity"}';
/** An SS58 address of 32 bytes has 48 characters. */
const MOST_ADDRESS_CHARACTERS = 64;

export type MayAsk = { allowed: true } | { allowed: false; reason: string; status: number };

export interface HandlerOptions {
  /** SS58 address that requests must be signed for. */
  hotkey: string;
  seen: SeenIds;
  /** Whether a caller (SS58) has the permit and the stake that it takes. */
  mayAsk: (caller: string) => Promise<MayAsk>;
  /** What is served now; asked for with every request, so that tasks change without a restart. */
  serving: () => readonly ServedTask[];
  admission: Admission;
  backend: ServerBackend;
  /** The signed statement of capacity, as JSON. */
  capacityText: () => Promise<string>;
  /** The signed statement of what callers had of a task in a period, as JSON; null of a task that is not served. @default of none */
  volumesText?: (task: string, period: number) => Promise<string | null>;
  metrics: ServerMetrics;
  limits: InferenceServerLimits;
  log: (message: string, details: Readonly<Record<string, unknown>>) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Answers the paths above. The caller must have awaited `cryptoWaitReady()`. */
export function createInferenceHandler(options: HandlerOptions): PathHandler {
  const { hotkey, seen, mayAsk, serving, admission, backend, metrics, limits, log, now } = options;
  const addressMayAsk = createRateLimiter(limits.requestsPerMinutePerAddress, now);
  const takeBody = createPlaces(limits.maxBodies, limits.maxBodiesPerAddress);

  /** Reads the body and who signed it; permit first, so that strangers can't make this server read. */
  async function verified(request: IncomingMessage, mostBytes: number): Promise<{ caller: string; body: Uint8Array }> {
    const address = request.socket.remoteAddress ?? '';
    if (!addressMayAsk(address)) throw new ServerRefusal(429, 'rate_limited', 'too many requests; slow down');
    const claimed = request.headers['epistula-signed-by'];
    if (typeof claimed === 'string' && claimed.length <= MOST_ADDRESS_CHARACTERS) {
      const decision = await mayAsk(claimed);
      if (!decision.allowed) throw new ServerRefusal(decision.status, 'not_served', decision.reason);
    } else throw new ServerRefusal(400, 'malformed', 'the header epistula-signed-by names no caller; sign the request');
    const leave = takeBody(address);
    if (typeof leave === 'string') throw new ServerRefusal(503, 'busy', 'too many requests are being read; try again');
    try {
      const body = await readBody(request, mostBytes);
      return { ...(await verifyRequest({ headers: request.headers, body, self: hotkey, nowMs: now(), seen })), body };
    } finally {
      leave();
    }
  }

  async function answerTask(
    api: TaskRequest['api'],
    request: IncomingMessage,
    response: ServerResponse,
    found: (task: string) => void,
  ): Promise<void> {
    const { caller, body } = await verified(request, mostBodyBytes(serving(), api));
    const asked = requestIn(api, body);
    const meant = request.headers[TASK_HEADER];
    const served = askedTask(serving(), asked, typeof meant === 'string' ? meant : undefined);
    found(served.task.name);
    const signal = AbortSignal.any([AbortSignal.timeout(served.task.timeout_ms), goneSignal(response)]);
    const units = requestVolume(served.task, asked);
    const endTurn = await admission.admit({ served, caller, units, signal });
    try {
      if ((asked.api === 'chat' || asked.api === 'completion') && asked.body.stream === true) {
        return await sendEvents(response, backend.stream(served.task, asked, signal), signal);
      }
      const answer = await orAborted(backend.answer(served.task, asked, signal), signal);
      sendText(response, 200, 'application/json', JSON.stringify(answer.body));
      // Whoever has not taken the answer when its time is over holds memory, no more.
      signal.addEventListener('abort', () => response.destroy(), { once: true });
    } finally {
      endTurn();
    }
  }

  async function answer(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    found: (task: string) => void,
  ): Promise<void> {
    if (request.method !== 'POST') throw new ServerRefusal(405, 'method', 'ask by POST');
    const api = APIS.get(path);
    if (api !== undefined) return await answerTask(api, request, response, found);
    // The path is not signed: a statement's body names it, so that a request signed for something else is none for a statement.
    const { body } = await verified(request, MAX_ASK_BYTES);
    sendText(response, 200, 'application/json', await statementText(path, Buffer.from(body).toString()));
  }

  async function statementText(path: string, body: string): Promise<string> {
    if (path === CAPACITY_PATH) {
      if (body === ASK_CAPACITY) return await options.capacityText();
      throw new ServerRefusal(400, 'malformed', `the body is ${ASK_CAPACITY}`);
    }
    const asked = askedVolumes(body);
    if (asked === null)
      throw new ServerRefusal(400, 'malformed', 'the body is {"ask":"volumes","period":n,"task":"…"}');
    const text = await options.volumesText?.(asked.task, asked.period);
    if (text == null) throw new ServerRefusal(404, 'no_such_task', `no task ${asked.task.slice(0, 80)} is served here`);
    return text;
  }

  return (request, response, path) => {
    if (!APIS.has(path) && path !== CAPACITY_PATH && path !== VOLUMES_PATH) return false;
    const startedMs = now();
    let task: string | null = null;
    const over = (outcome: string): void => {
      // Statements are counted where they are refused only.
      if (task !== null || outcome !== 'ok') metrics.served(task ?? 'none', outcome, (now() - startedMs) / 1000);
    };
    answer(path, request, response, (name) => (task = name)).then(
      () => {
        over('ok');
      },
      (error: unknown) => {
        const fault = faultOf(error);
        const outcome = error instanceof CallerGone || request.errored !== null ? 'gone' : fault.code;
        over(outcome);
        if (outcome === 'unavailable') log('inference server failed', { task, message: messageOf(error) });
        sendFault(response, fault);
      },
    );
    return true;
  };
}

function askedVolumes(body: string): { task: string; period: number } | null {
  try {
    const parsed = volumesAsk.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The caller closed its connection before it had its answer. */
class CallerGone extends Error {}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort(new CallerGone('the caller is gone'));
  response.once('close', () => {
    gone.abort(new CallerGone('the caller is gone'));
  });
  return gone.signal;
}
