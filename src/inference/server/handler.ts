import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { verifyRequest } from '../../net/epistula.ts';
import type { SeenIds } from '../../net/epistula.ts';
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
import { createSynapseHandler } from './synapse-handler.ts';
import type { SynapseSide } from './synapse-handler.ts';

/*
 * A miner's answers, in OpenAI's API, to peers that sign for them by Epistula v2:
 *   POST /v1/chat/completions, /v1/completions, /v1/images/generations, /v1/embeddings
 *   POST /v1/capacity, body {"ask":"capacity"}  -> the miner's signed statement of what it serves
 *   GET  /health, /metrics                      -> unsigned
 * and, where it is asked by synapses too, what synapse-handler.ts says.
 */

const ASK_CAPACITY = '{"ask":"capacity"}';

export interface HandlerOptions extends TurnOptions, GateOptions {
  /** SS58 address that requests must be signed for. */
  hotkey: string;
  seen: SeenIds;
  backend: ServerBackend;
  /** The signed statement of capacity, as JSON. */
  capacityText: () => Promise<string>;
  /** @default synapses are not answered */
  synapse?: SynapseSide;
  metrics: ServerMetrics;
  log: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers requests of node:http. The caller must have awaited `cryptoWaitReady()`. */
export function createInferenceHandler(options: HandlerOptions): Handler {
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

  async function answer(request: IncomingMessage, response: ServerResponse, found: (task: string) => void) {
    const path = request.url?.split('?')[0] ?? '';
    if (request.method === 'GET' && path === '/health') {
      sendText(response, 200, 'application/json', JSON.stringify({ status: 'ok', hotkey }));
      return;
    }
    if (request.method === 'GET' && path === '/metrics') {
      sendText(response, 200, metrics.contentType, await metrics.read());
      return;
    }
    const api = APIS.get(path);
    if (api === undefined && path !== '/v1/capacity') {
      throw new ServerRefusal(404, 'unknown_path', `POST ${[...APIS.keys(), '/v1/capacity'].join(', ')}`);
    }
    if (request.method !== 'POST') throw new ServerRefusal(405, 'method', 'ask by POST');
    if (api !== undefined) return await answerTask(api, request, response, found);
    const { body } = await verified(request, ASK_CAPACITY.length);
    // The path is not signed: without this, a signed request for something else could be turned into one for capacity.
    if (Buffer.from(body).toString() !== ASK_CAPACITY) {
      throw new ServerRefusal(400, 'malformed', `the body is ${ASK_CAPACITY}`);
    }
    sendText(response, 200, 'application/json', await capacityText());
  }

  return (request, response) => {
    const startedMs = now();
    let task: string | null = null;
    const over = (outcome: string): void => {
      // Paths that come to no task are counted where they are refused only: health and metrics are asked all the time.
      if (task !== null || outcome !== 'ok') metrics.served(task ?? 'none', outcome, (now() - startedMs) / 1000);
    };
    const exchange = synapseOf(request, response);
    const found = (name: string): void => {
      task = name;
    };
    (exchange?.answer(found) ?? answer(request, response, found)).then(
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
  };
}
