import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Signer } from '../../core/chain.ts';
import { pythonJson } from '../../net/python-value.ts';
import type { PythonValue } from '../../net/python-value.ts';
import { createNonceSource } from '../../net/synapse-nonces.ts';
import type { SynapseNonces } from '../../net/synapse-nonces.ts';
import { SYNAPSE_STATUS, synapseAnswerHeaders } from '../../net/synapse-response.ts';
import { verifySynapse } from '../../net/synapse.ts';
import type { SynapseType, VerifiedSynapse } from '../../net/synapse.ts';
import { SEINE_CAPACITY, SEINE_TASK } from '../synapse-types.ts';
import { APIS, mostBodyBytes, requestIn } from './asked-task.ts';
import { orAborted } from './backend.ts';
import type { ServerBackend } from './backend.ts';
import { ServerRefusal } from './errors.ts';
import type { Gate } from './gate.ts';
import { inTurn } from './in-turn.ts';
import type { TurnOptions } from './in-turn.ts';
import { prepareFault, sendText } from './send.ts';
import type { Fault } from './send.ts';

/*
 * The same answers to stock Python peers, as synapses of their SDK: POST /SeineTask and /SeineCapacity. See src/inference/synapse-types.ts.
 */

/** What a synapse's body has around its own fields: both terminals with their signatures. */
const ENVELOPE_BYTES = 16 * 1024;
/** A request is a text within the synapse's JSON: every quote and backslash of it comes as two characters. */
const QUOTED_BYTES = 2;

/** What a server needs to be asked by synapses. */
export interface SynapseSide {
  /** Signs answers; its address is the hotkey that requests must be signed for. */
  signer: Signer;
  nonces: SynapseNonces;
  /** Of this server while it runs; lower case. */
  uuid: string;
}

export interface SynapseHandlerOptions extends TurnOptions, SynapseSide {
  gate: Gate;
  backend: ServerBackend;
  /** The signed statement of capacity, as JSON. */
  capacityText: () => Promise<string>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** One request of a protocol with its own form of answers. */
export interface Exchange {
  answer: (found: (task: string) => void) => Promise<void>;
  refuse: (fault: Fault) => Promise<void>;
}

/** The exchange that a request begins; null where its path names no synapse. The caller must have awaited `cryptoWaitReady()`. */
export function createSynapseHandler(
  options: SynapseHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Exchange | null {
  const { signer, uuid, nonces, gate, serving, backend, capacityText, now } = options;
  const nextNonce = createNonceSource(now);

  const mostBytes = (type: SynapseType): number =>
    type === SEINE_CAPACITY
      ? ENVELOPE_BYTES
      : ENVELOPE_BYTES + QUOTED_BYTES * Math.max(...[...APIS.values()].map((api) => mostBodyBytes(serving(), api)));

  return (request, response) => {
    const type = TYPES.get(request.url?.split('?')[0] ?? '');
    if (type === undefined) return null;
    // Only whoever has signed for it is worth a signature.
    let caller: string | null = null;

    async function send(status: SynapseStatus, message: string, body: PythonValue): Promise<void> {
      const { name } = type!;
      const said = { name, signer, dendrite: caller ?? '', nonce: nextNonce(), uuid, status, message };
      const headers = caller === null ? {} : await synapseAnswerHeaders(said);
      for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
      sendText(response, status, 'application/json', pythonJson(body));
    }

    async function answerTask({ caller, fields }: VerifiedSynapse, found: (task: string) => void): Promise<void> {
      const asked = requestOf(fields);
      const meant = textOf(fields, 'task') || undefined;
      await inTurn(options, { caller, asked, meant, response, found }, async ({ task }, signal) => {
        const answer = await orAborted(backend.answer(task, asked, signal), signal);
        // Before the answer is signed: time may be over by then.
        signal.addEventListener('abort', () => response.destroy(), { once: true });
        await send(200, 'Success', new Map([...fields, ['answer', JSON.stringify(answer.body)]]));
      });
    }

    return {
      async answer(found) {
        if (request.method !== 'POST') throw new ServerRefusal(405, 'method', 'ask by POST');
        const { headers } = request;
        const verified = await gate(request, 'bt_header_dendrite_hotkey', mostBytes(type), (body) =>
          verifySynapse({ type, headers, body, self: signer.address, nowNs: BigInt(now()) * 1_000_000n, nonces }),
        );
        caller = verified.caller;
        if (type === SEINE_TASK) return await answerTask(verified, found);
        await send(200, 'Success', new Map([...verified.fields, ['statement', await capacityText()]]));
      },
      async refuse(fault) {
        if (!prepareFault(response, fault)) return;
        await send(statusOf(fault), fault.message, new Map([['message', fault.message]]));
      },
    };
  };
}

type SynapseStatus = (typeof SYNAPSE_STATUS)[keyof typeof SYNAPSE_STATUS];

const TYPES: ReadonlyMap<string, SynapseType> = new Map(
  [SEINE_TASK, SEINE_CAPACITY].map((type) => [`/${type.name}`, type]),
);
const STATUSES: readonly SynapseStatus[] = Object.values(SYNAPSE_STATUS);

/** The status that the SDK has for a fault; what it has none for is malformed. */
function statusOf({ status, code }: Fault): SynapseStatus {
  if (code === 'timed_out') return SYNAPSE_STATUS.priorityTimeout;
  if (code === 'unavailable') return SYNAPSE_STATUS.failed;
  return STATUSES.find((known) => known === status) ?? SYNAPSE_STATUS.malformed;
}

/** The request within a synapse. Throws ServerRefusal. */
function requestOf(fields: ReadonlyMap<string, PythonValue>) {
  const name = textOf(fields, 'api');
  const api = [...APIS.values()].find((known) => known === name);
  if (api === undefined) {
    throw new ServerRefusal(400, 'malformed', `api is none of ${[...APIS.values()].join(', ')}`);
  }
  const asked = requestIn(api, Buffer.from(textOf(fields, 'body')));
  if ((asked.api === 'chat' || asked.api === 'completion') && asked.body.stream === true) {
    throw new ServerRefusal(400, 'malformed', 'a synapse is answered whole; leave stream out');
  }
  return asked;
}

function textOf(fields: ReadonlyMap<string, PythonValue>, name: string): string {
  const value = fields.get(name);
  if (typeof value === 'string') return value;
  throw new ServerRefusal(400, 'malformed', `${name} is no text`);
}
