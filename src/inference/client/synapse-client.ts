import { randomUUID } from 'node:crypto';
import { Agent, request as post } from 'undici';
import type { Dispatcher } from 'undici';
import type { Signer } from '../../core/chain.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { RequestRefused } from '../../net/epistula.ts';
import type { SeenIds } from '../../net/epistula.ts';
import { peerOrigin } from '../../net/peer-origin.ts';
import { isDict, parsePython } from '../../net/python-value.ts';
import type { PythonValue } from '../../net/python-value.ts';
import { synapseBodyHash } from '../../net/synapse-hash.ts';
import { createNonceSource, nonceExpiryMs } from '../../net/synapse-nonces.ts';
import { verifySynapseAnswer } from '../../net/synapse-response.ts';
import { signSynapse } from '../../net/synapse.ts';
import type { SynapseType } from '../../net/synapse.ts';
import { readAnswer } from '../backends/read-answer.ts';
import { retryAfterMs } from '../backends/refusal.ts';
import { SEINE_CAPACITY, SEINE_TASK } from '../synapse-types.ts';
import { MAX_IMAGE_BASE64_BYTES } from '../wire/limits.ts';
import type { TaskRequest } from '../wire/request.ts';
import type { AskedMiner, AskOutcome, TaskClient } from './task-client.ts';

/** Time for a connection, within that of the request. */
const CONNECT_MS = 5000;
/** A refusal by the SDK repeats the request's headers in its message. */
const MOST_HEADER_BYTES = 16 * 1024;
/** Thousands of tokens with twenty alternatives each, quoted as a text within JSON. */
const MOST_TEXT_ANSWER_BYTES = 16 * 1024 * 1024;
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

/** What a peer did instead of answering; `reason` is of AskOutcome. */
class NoAnswer extends Error {
  readonly reason: string;
  readonly retryAfterMs: number | null;

  constructor(reason: string, retryAfterMs: number | null = null) {
    super(reason);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

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

  /** What a peer filled in. Throws NoAnswer; the caller's own abort with its reason. */
  async function fill({ hotkey, base }: AskedMiner, question: Question, began: () => void) {
    const { type, fields, timeoutMs, mostBytes } = question;
    const origin = originOf(base, isAllowedAddress);
    const { hostname, port } = new URL(origin);
    const axon = { ip: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), hotkey };
    const signed = await signSynapse({ type, fields, timeoutMs, signer, ip, axon, nonce: nextNonce(), uuid });
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = question.signal === undefined ? deadline : AbortSignal.any([deadline, question.signal]);
    const inTime = async <Value>(work: Promise<Value>): Promise<Value> => {
      try {
        return await work;
      } catch (error) {
        if (error instanceof NoAnswer) throw error;
        question.signal?.throwIfAborted();
        throw new NoAnswer(deadline.aborted ? 'timed_out' : 'unreachable');
      }
    };
    const sent = post(`${origin}${signed.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed.headers },
      body: signed.body,
      // The signal bounds both.
      ...{ dispatcher: agent, signal, headersTimeout: 0, bodyTimeout: 0 },
    });
    const { statusCode, headers, body } = await inTime(sent);
    try {
      began();
      if (statusCode !== 200 && statusCode !== 429) {
        throw new NoAnswer(statusCode === 408 ? 'timed_out' : `refused_${statusCode}`);
      }
      await requireSigned(headers, hotkey, timeoutMs);
      if (statusCode === 429) throw new NoAnswer('limited', retryAfterMs(textOf(headers['retry-after'])));
      return filledFields(await inTime(bytesOf(body, mostBytes)), headers, question);
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
      if (!(await seen.firstUse(id, nonceExpiryMs(nonce, timeoutMs)))) throw new NoAnswer('replayed');
    } catch (error) {
      throw error instanceof RequestRefused ? new NoAnswer(error.reason) : error;
    }
  }

  async function ask(miner: AskedMiner, question: Question & { request: TaskRequest }): Promise<AskOutcome> {
    const startedMs = performance.now();
    const elapsed = (): number => Math.round(performance.now() - startedMs);
    let first_ms = 0;
    try {
      const filled = await fill(miner, question, () => (first_ms = elapsed()));
      const answer = readAnswer(question.request, Buffer.from(filledText(filled, 'answer')));
      return { outcome: 'answered', answer, elapsed_ms: elapsed(), first_ms };
    } catch (error) {
      const elapsed_ms = elapsed();
      if (error instanceof InvalidInputError) return { outcome: 'failed', reason: 'malformed', elapsed_ms };
      if (!(error instanceof NoAnswer)) throw error;
      if (error.reason === 'limited') return { outcome: 'limited', retry_after_ms: error.retryAfterMs, elapsed_ms };
      return { outcome: 'failed', reason: error.reason, elapsed_ms };
    }
  }

  return {
    async ask(miner, task, request, signal) {
      const body = JSON.stringify({ ...request.body, stream: undefined, stream_options: undefined });
      const fields = new Map([
        ['task', task.name],
        ['api', request.api],
        ['body', body],
      ]);
      const mostBytes = mostAnswerBytes(request, body);
      return await ask(miner, { type: SEINE_TASK, fields, timeoutMs: task.timeout_ms, mostBytes, signal, request });
    },
    async capacity(miner, timeoutMs, signal) {
      const question = { type: SEINE_CAPACITY, fields: new Map(), timeoutMs, mostBytes: MOST_STATEMENT_BYTES, signal };
      try {
        return filledText(await fill(miner, question, () => undefined), 'statement');
      } catch (error) {
        if (error instanceof NoAnswer || error instanceof InvalidInputError) return null;
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

/** Throws NoAnswer for an address that may not be asked: it is the miner's own choice. */
function originOf(base: string, isAllowedAddress: (address: string) => boolean): string {
  try {
    return peerOrigin(base, isAllowedAddress);
  } catch {
    throw new NoAnswer('address_refused');
  }
}

/** The peer repeats the request beside its answer. */
function mostAnswerBytes(request: TaskRequest, body: string): number {
  const answerBytes = request.api === 'images' ? request.body.n * MAX_IMAGE_BASE64_BYTES : MOST_TEXT_ANSWER_BYTES;
  return answerBytes + 2 * Buffer.byteLength(body) + MOST_HEADER_BYTES;
}

async function bytesOf(body: AsyncIterable<Buffer>, mostBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) throw new NoAnswer('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
