import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Agent, errors, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Signer } from '../../core/chain.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { signRequest } from '../../net/epistula.ts';
import { peerOrigin } from '../../net/peer-origin.ts';
import { UNPAUSED_BYTES } from '../../net/unpaused.ts';
import type { AskedMiner } from './task-client.ts';

/** Time to reach a miner's address. */
const CONNECT_MS = 5000;
/** Shorter than the 5 s after which usual servers close what is idle: a request on a connection that is being closed is lost. */
const KEEP_ALIVE_MS = 3000;
/** Signatures are taken for 5 s: a machine that is so much slower to send may have let one grow old. */
const MOST_SENDING_MS = 2000;
/** Connections to one miner: more requests wait their turn here. What a miner states it takes at once is bounded by the same number. */
export const MOST_CONNECTIONS = 64;
/** Of a refusal nothing but its status is of use; so much is read that the connection can go on. */
const REFUSAL_BYTES = 8192;
/** A pause longer than this is no pause. */
const MAX_RETRY_AFTER_S = 86_400;

export interface MinerHttpOptions {
  signer: Signer;
  /** Whether this IP address may be asked: private and loopback ones only where they are allowed by name. */
  isAllowedAddress: (address: string) => boolean;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/** One signed post; headers go out in this order, for every request alike. */
export interface MinerPost {
  path: string;
  body: Uint8Array;
  accept: 'application/json' | 'text/event-stream';
  /** Name of the task, where one is asked for. */
  task: string | null;
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal | undefined;
  /** Takes the body of a 200 piece by piece; what it throws makes the answer `malformed`. */
  read: (bytes: Uint8Array) => void;
}

/** What came of a post; milliseconds from the first byte that was sent. */
export type PostOutcome =
  | { outcome: 'read'; elapsed_ms: number; first_ms: number }
  | { outcome: 'limited'; retry_after_ms: number | null; elapsed_ms: number }
  | { outcome: 'failed'; reason: string; elapsed_ms: number };

/** Posts to miners, on connections that are kept for the next request. */
export interface MinerHttp {
  /** Never throws for what a miner does; the caller's own abort rejects with its reason. */
  post: (miner: AskedMiner, asked: MinerPost) => Promise<PostOutcome>;
  close: () => Promise<void>;
}

/** An answer that is no answer; the word says why. */
class NoAnswer extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

export function createMinerHttp({ signer, isAllowedAddress, now = Date.now }: MinerHttpOptions): MinerHttp {
  const agent = new Agent({
    connections: MOST_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: 8192,
    // Miners have no names and so no certificate that an authority signs. Who is asked is said by the request's own signature, which is for one hotkey and works
    // once; what is answered is checked, and statements are signed. TLS here keeps others from reading along, no more.
    connect: { timeout: CONNECT_MS, rejectUnauthorized: false },
  });

  async function send(
    miner: AskedMiner,
    asked: MinerPost,
    signal: AbortSignal,
    sent: () => void,
  ): Promise<Dispatcher.ResponseData> {
    const origin = peerOrigin(miner.base, isAllowedAddress, ['http', 'https']);
    const signed = await signRequest({ body: asked.body, signer, receiver: miner.hotkey, now, uuid: randomUUID });
    const headers = ['content-type', 'application/json', 'accept', asked.accept];
    headers.push('content-length', String(asked.body.length));
    if (asked.task !== null) headers.push('x-seine-task', asked.task);
    for (const [name, value] of Object.entries(signed)) headers.push(name, value);
    return await request(`${origin}${asked.path}`, {
      method: 'POST',
      headers,
      body: Readable.from(whenSent(asked.body, sent), { objectMode: false }),
      signal,
      dispatcher: agent,
      highWaterMark: UNPAUSED_BYTES,
      // Both are bounded by the signal.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  return {
    async post(miner, asked) {
      const deadline = AbortSignal.timeout(asked.timeoutMs);
      const signal = asked.signal === undefined ? deadline : AbortSignal.any([deadline, asked.signal]);
      const askedMs = performance.now();
      let sentMs: number | null = null;
      const elapsed = (): number => Math.round(performance.now() - (sentMs ?? askedMs));
      try {
        const sending = (): Promise<Dispatcher.ResponseData> =>
          send(miner, asked, signal, () => (sentMs = performance.now()));
        let response = await sending();
        // What lay here until its signature was old is no fault of the miner's: it is signed anew, once.
        if (response.statusCode === 401 && (sentMs ?? askedMs) - askedMs > MOST_SENDING_MS) {
          await response.body.dump({ limit: REFUSAL_BYTES, signal });
          response = await sending();
        }
        if (response.statusCode !== 200) {
          const elapsed_ms = elapsed();
          await response.body.dump({ limit: REFUSAL_BYTES, signal }).catch(() => undefined);
          if (response.statusCode !== 429) throw new NoAnswer(`refused_${response.statusCode}`);
          return { outcome: 'limited', retry_after_ms: retryAfterMs(response.headers['retry-after']), elapsed_ms };
        }
        const first_ms = await readBody(response, asked, elapsed);
        return { outcome: 'read', elapsed_ms: elapsed(), first_ms };
      } catch (error) {
        asked.signal?.throwIfAborted();
        const elapsed_ms = elapsed();
        return { outcome: 'failed', reason: reasonOf(error, { isSent: sentMs !== null, deadline }), elapsed_ms };
      }
    },
    close: () => agent.destroy(),
  };
}

/** A body that tells when its first byte goes out: waiting for a connection is not the miner's time. */
function* whenSent(body: Uint8Array, sent: () => void): Generator<Uint8Array> {
  sent();
  yield body;
}

/** @returns milliseconds at which the first piece came */
async function readBody(
  response: Dispatcher.ResponseData,
  { maxBytes, read }: MinerPost,
  elapsed: () => number,
): Promise<number> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
    response.body.destroy();
    throw new NoAnswer('too_large');
  }
  let [sizeBytes, first] = [0, null as number | null];
  for await (const bytes of response.body as AsyncIterable<Buffer>) {
    first ??= elapsed();
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) throw new NoAnswer('too_large');
    read(bytes);
  }
  return first ?? elapsed();
}

/** One stable word for what went wrong. */
function reasonOf(error: unknown, { isSent, deadline }: { isSent: boolean; deadline: AbortSignal }): string {
  if (error instanceof NoAnswer) return error.reason;
  // Before a byte was sent: an address that may not be asked, or one where nobody takes connections.
  if (!isSent) return error instanceof InvalidInputError ? 'address_refused' : 'unreachable';
  if (deadline.aborted) return 'timed_out';
  if (error instanceof InvalidInputError) return 'malformed';
  return error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError
    ? 'malformed'
    : 'broke_off';
}

/** Seconds alone are read: the header's dates need the miner's clock. */
function retryAfterMs(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string' || !/^\d{1,9}$/.test(header)) return null;
  return Math.min(Number(header), MAX_RETRY_AFTER_S) * 1000;
}
