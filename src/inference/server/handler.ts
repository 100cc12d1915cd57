import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { verifyRequest } from '../../net/epistula.ts';
import type { SeenIds } from '../../net/epistula.ts';
import type { PathHandler } from '../../net/http-server.ts';
import type { TaskRequest } from '../wire/request.ts';
import { APIS, mostBodyBytes, requestIn, TASK_HEADER } from './asked-task.ts';
import { orAborted } from './backend.ts';
import type { ServerBackend } from './backend.ts';
import { ServerRefusal } from './errors.ts';
import { createGate } from './gate.ts';
import type { GateOptions } from './gate.ts';
import { CallerGone, inTurn } from './in-turn.ts';
import type { TurnOptions } from './in-turn.ts';
import { faultOf, sendEvents, sendFault, sendText } from './send.ts';
import type { ServerMetrics } from './server-metrics.ts';
import { volumesAsk } from './statements.ts';
import { createSynapseHandler } from './synapse-handler.ts';
import type { SynapseSide } from './synapse-handler.ts';

/*
 * A miner's answers, in OpenAI's API, to peers that sign for them by Epistula v2:
 *   POST /v1/chat/completions, /v1/completions, /v1/images/generations, /v1/embeddings
 *   POST /v1/capacity, body {"ask":"capacity"}  -> the miner's signed statement of what it serves
 *   POST /v1/volumes, body {"ask":"volumes","period":n,"task":"…"}  -> its signed statement of what it served
 * and, where it is asked by synapses too, what synapse-handler.ts says.
 */

const CAPACITY_PATH = '/v1/capacity';
const VOLUMES_PATH = '/v1/volumes';
/** A task's name of 200 characters, each written as an escape, and what is around it. */
const MAX_ASK_BYTES = 1400;
const ASK_CAPACITY = '{"ask":"capacity"}';
const PATHS: ReadonlySet<string> = new Set([...APIS.keys(), CAPACITY_PATH, VOLUMES_PATH]);

export interface HandlerOptions extends TurnOptions, GateOptions {
  /** SS58 address that requests must be signed for. */
  hotkey: string;
  seen: SeenIds;
  backend: ServerBackend;
  /** The signed statement of capacity, as JSON. */
  capacityText: () => Promise<string>;
  /** The signed statement of what callers had of a task in a period, as JSON; null of a task that is not served. @default of none */
  volumesText?: (task: string, period: number) => Promise<string | null>;
  /** @default synapses are not answered */
  synapse?: SynapseSide;
  metrics: ServerMetrics;
  log: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** Answers the paths above. The caller must have awaited `cryptoWaitReady()`. */
export function createInferenceHandler(options: HandlerOptions): PathHandler {
  const { hotkey, seen, serving, backend, capacityText, metrics, log, now } = options;
  const gate = createGate(options);
  const synapseOf =
    options.synapse === undefined ? () => null : createSynapseHandler({ ...options, ...options.synapse, gate });

  /** Reads the body and who signed it. */
  const verified = (request: IncomingMessage, mostBytes: number): Promise<{ caller: string; body: Uint8Array }> =>
    gate(request, 'epistula-signed-by', mostBytes, async (body) => {
      return { ...(await verifyRequest({ headers: request.headers, body, self: hotkey, nowMs: now(), seen })), body };
    });

  async function answerTask(
    api: TaskRequest['api'],
    request: IncomingMessage,
    response: ServerResponse,
    found: (task: string) => void,
  ): Promise<void> {
    const { caller, body } = await verified(request, mostBodyBytes(serving(), api));
    const asked = requestIn(api, body);
    const header = request.headers[TASK_HEADER];
    const meant = typeof header === 'string' ? header : undefined;
    await inTurn(options, { caller, asked, meant, response, found }, async ({ task }, signal) => {
      if ((asked.api === 'chat' || asked.api === 'completion') && asked.body.stream === true) {
        return await sendEvents(response, backend.stream(task, asked, signal), signal);
      }
      const answer = await orAborted(backend.answer(task, asked, signal), signal);
      sendText(response, 200, 'application/json', JSON.stringify(answer.body));
      // Whoever has not taken the answer when its time is over holds memory, no more.
      signal.addEventListener('abort', () => response.destroy(), { once: true });
    });
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
      if (body === ASK_CAPACITY) return await capacityText();
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
    const exchange = synapseOf(request, response);
    if (exchange === null && !PATHS.has(path)) return false;
    const startedMs = now();
    let task: string | null = null;
    const over = (outcome: string): void => {
      // Statements are counted where they are refused only.
      if (task !== null || outcome !== 'ok') metrics.served(task ?? 'none', outcome, (now() - startedMs) / 1000);
    };
    const found = (name: string): void => {
      task = name;
    };
    (exchange?.answer(found) ?? answer(path, request, response, found)).then(
      () => {
        over('ok');
      },
      (error: unknown) => {
        const fault = faultOf(error);
        const outcome = error instanceof CallerGone || request.errored !== null ? 'gone' : fault.code;
        over(outcome);
        if (outcome === 'unavailable') log('inference server failed', { task, message: messageOf(error) });
        if (exchange === null) sendFault(response, fault);
        else exchange.refuse(fault).catch(() => response.destroy());
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
