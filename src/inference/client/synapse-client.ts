import { randomUUID } from 'node:crypto';
import { Agent, request as post } from 'undici';
import type { Dispatcher } from 'undici';
import type { Signer } from '../../core/chain.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { RequestRefused } from '../../net/epistula.ts';
import type { SeenIds } from '../../net/epistula.ts';
import { isDict, parsePython } from '../../net/python-value.ts';
import type { PythonValue } from '../../net/python-value.ts';
import { synapseBodyHash } from '../../net/synapse-hash.ts';
import { createNonceSource, nonceExpiryMs } from '../../net/synapse-nonces.ts';
import { verifySynapseAnswer } from '../../net/synapse-response.ts';
import { signSynapse } from '../../net/synapse.ts';
import type { SynapseType } from '../../net/synapse.ts';
import { readAnswer } from '../backends/read-answer.ts';
import { SEINE_CAPACITY, SEINE_TASK } from '../synapse-types.ts';
import { requestBytes } from '../wire/request-bytes.ts';
import type { TaskRequest } from '../wire/request.ts';
import { mostAnswerBytes } from './answer-bytes.ts';
import { limited, NoAnswer, originOf, outcomeOfError, own } from './no-answer.ts';
import type { AskedMiner, AskOutcome, TaskClient } from './task-client.ts';
import { readWithin, underWay } from './under-way.ts';
import type { UnderWay } from './under-way.ts';

/** Time for a connection, within that of the request. */
const CONNECT_MS = 5000;
/** A refusal by the SDK repeats the request's headers in its message. */
const MOST_HEADER_BYTES = 16 * 1024;
/** A statement of a thousand tasks, quoted. */
const MOST_STATEMENT_BYTES = 512 * 1024;

export interface SynapseClientOptions {
  signer: Signer;
  /** Our public address, as peers may log it. */
  ip: string;
  /** Answers that were taken before. */
  seen: SeenIds;
  /** Whether this IP address may be asked: private and loopback ones only where they are allowed by name. */
  isAllowedAddress: (address: string) => boolean;
  /**
   * Whether an answer may come without a signature. The SDK's server signs its refusals; an answer is signed where the miner's forward function does it.
   * @default false
   */
  acceptUnsigned?: boolean;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

export interface SynapseClient extends TaskClient {
  /** The miner's statement of capacity as it came; null where it gives none. Rejects as `ask` does. */
  capacity: (miner: AskedMiner, timeoutMs: number, signal?: AbortSignal) => Promise<string | null>;
}

type Failure = Exclude<AskOutcome, { outcome: 'answered' }>;

interface Question {
  type: SynapseType;
  fields: ReadonlyMap<string, PythonValue>;
  timeoutMs: number;
  mostBytes: number;
  signal: AbortSignal | undefined;
}

/**
 * Asks Python peers whose Axon serves the types of synapse-types.ts. The format signs no answer's body: what must be provable has to come over TLS. The
 * caller must have awaited `cryptoWaitReady()`.
 */
export function createSynapseClient(options: SynapseClientOptions): SynapseClient {
  const { signer, ip, seen, isAllowedAddress, acceptUnsigned = false, now = Date.now } = options;
  const uuid = randomUUID();
  const nextNonce = createNonceSource(now);
  const agent = new Agent({ connect: { timeout: CONNECT_MS }, pipelining: 0, maxHeaderSize: MOST_HEADER_BYTES });

  /** What a peer filled in. Throws NoAnswer, and what the connection throws. */
  async function fill({ hotkey, base }: AskedMiner, question: Question, way: UnderWay) {
    const { type, fields, timeoutMs, mostBytes } = question;
    const origin = originOf(base, isAllowedAddress, ['http']);
    const { hostname, port } = new URL(origin);
    const axon = { ip: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), hotkey };
    const signed = await own(signSynapse({ type, fields, timeoutMs, signer, ip, axon, nonce: nextNonce(), uuid }));
    const sent = Buffer.from(signed.body);
    const { statusCode, headers, body } = await post(`${origin}${signed.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(sent.length), ...signed.headers },
      body: way.body(sent),
      // The signal bounds both.
      ...{ dispatcher: agent, signal: way.signal, headersTimeout: 0, bodyTimeout: 0 },
    });
    try {
      if (statusCode !== 200 && statusCode !== 429) {
        throw new NoAnswer(statusCode === 408 ? 'timed_out' : `refused_${statusCode}`);
      }
      await requireSigned(headers, hotkey, timeoutMs);
      if (statusCode === 429) throw limited(headers);
      const pieces: Uint8Array[] = [];
      const first_ms = await readWithin(
        { headers, body },
        mostBytes,
        (piece) => void pieces.push(piece),
        way.elapsedMs,
      );
      return { filled: filledFields(Buffer.concat(pieces), headers, question), first_ms };
    } finally {
      // What is not read of it would hold its connection.
      body.on('error', () => undefined).destroy();
    }
  }

  /** Throws NoAnswer unless the peer signed these headers for us, now and once. */
  async function requireSigned(headers: Dispatcher.ResponseData['headers'], axon: string, timeoutMs: number) {
    if (headers['bt_header_axon_signature'] === undefined) {
      if (acceptUnsigned) return;
      throw new NoAnswer('unsigned');
    }
    try {
      const nowNs = BigInt(now()) * 1_000_000n;
      const { nonce, uuid } = verifySynapseAnswer({ headers, dendrite: signer.address, axon, nowNs, timeoutMs });
      const id = `synapse-answer:${axon}:${uuid}:${nonce}`;
      const isFirst = await own(seen.firstUse(id, nonceExpiryMs(nonce, timeoutMs)));
      if (!isFirst) throw new NoAnswer('replayed');
    } catch (error) {
      throw error instanceof RequestRefused ? new NoAnswer(error.reason) : error;
    }
  }

  /** What a peer filled in, and what came of it where it did not. Rejects by the caller's own abort, and where what was signed can't be looked up. */
  async function asked<Value>(
    miner: AskedMiner,
    question: Question,
    take: (filled: ReadonlyMap<string, PythonValue>) => Value,
  ): Promise<{ outcome: 'answered'; value: Value; elapsed_ms: number; first_ms: number } | Failure> {
    const way = underWay(question.timeoutMs, question.signal);
    try {
      const { filled, first_ms } = await fill(miner, question, way);
      return { outcome: 'answered', value: take(filled), elapsed_ms: way.elapsedMs(), first_ms };
    } catch (error) {
      question.signal?.throwIfAborted();
      return outcomeOfError(error, { isSent: way.isSent(), isLate: way.isLate(), elapsed_ms: way.elapsedMs() });
    } finally {
      way.end();
    }
  }

  return {
    async ask(miner, task, request, signal) {
      const body = Buffer.from(requestBytes(whole(request))).toString();
      const fields = new Map([
        ['task', task.name],
        ['api', request.api],
        ['body', body],
      ]);
      // The answer is quoted as a text within JSON, and the peer repeats the request beside it.
      const mostBytes = 2 * mostAnswerBytes(task, request) + 2 * Buffer.byteLength(body) + MOST_HEADER_BYTES;
      const question = { type: SEINE_TASK, fields, timeoutMs: task.timeout_ms, mostBytes, signal };
      const came = await asked(miner, question, (filled) =>
        readAnswer(request, Buffer.from(filledText(filled, 'answer'))),
      );
      if (came.outcome !== 'answered') return came;
      const { value: answer, elapsed_ms, first_ms } = came;
      return { outcome: 'answered', answer, elapsed_ms, first_ms };
    },
    async capacity(miner, timeoutMs, signal) {
      const question = { type: SEINE_CAPACITY, fields: new Map(), timeoutMs, mostBytes: MOST_STATEMENT_BYTES, signal };
      const came = await asked(miner, question, (filled) => filledText(filled, 'statement'));
      return came.outcome === 'answered' ? came.value : null;
    },
    close: () => agent.destroy(),
  };
}

/** A request whose answer comes as one: the format has no streams. */
function whole({ api, body }: TaskRequest): TaskRequest {
  const kept = Object.entries(body).filter(([name]) => name !== 'stream' && name !== 'stream_options');
  return { api, body: Object.fromEntries(kept) } as TaskRequest;
}

/** The fields of an answer to this very question. Throws NoAnswer. */
function filledFields(body: Uint8Array, headers: Dispatcher.ResponseData['headers'], { type, fields }: Question) {
  let filled: PythonValue;
  try {
    filled = parsePython(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new NoAnswer('malformed');
  }
  if (!isDict(filled)) throw new NoAnswer('malformed');
  const given = headers['computed_body_hash'];
  const isOurs = type.hashFields.every((name) => filled.get(name) === fields.get(name));
  if (!isOurs || (given !== undefined && given !== synapseBodyHash(fields, type.hashFields))) {
    throw new NoAnswer('altered');
  }
  return filled;
}

function filledText(filled: ReadonlyMap<string, PythonValue>, name: string): string {
  const value = filled.get(name);
  if (typeof value === 'string') return value;
  throw new InvalidInputError(`the peer filled in no ${name}`);
}
