import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Signer } from '../../core/chain.ts';
import { signRequest } from '../../net/epistula.ts';
import { UNPAUSED_BYTES } from '../../net/unpaused.ts';
import { limited, NoAnswer, originOf, outcomeOfError, own } from './no-answer.ts';
import type { AskedMiner, AskOutcome } from './task-client.ts';
import { readWithin, underWay } from './under-way.ts';
import type { UnderWay } from './under-way.ts';

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
  { outcome: 'read'; elapsed_ms: number; first_ms: number } | Exclude<AskOutcome, { outcome: 'answered' }>;

/** Posts to miners, on connections that are kept for the next request. */
export interface MinerHttp {
  /** Never throws for what a miner does; the caller's own abort rejects with its reason, and a signer that fails with its error. */
  post: (miner: AskedMiner, asked: MinerPost) => Promise<PostOutcome>;
  close: () => Promise<void>;
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

  async function send(miner: AskedMiner, asked: MinerPost, way: UnderWay): Promise<Dispatcher.ResponseData> {
    const origin = originOf(miner.base, isAllowedAddress, ['http', 'https']);
    const signed = await own(signRequest({ body: asked.body, signer, receiver: miner.hotkey, now, uuid: randomUUID }));
    const headers = ['content-type', 'application/json', 'accept', asked.accept];
    headers.push('content-length', String(asked.body.length));
    if (asked.task !== null) headers.push('x-seine-task', asked.task);
    for (const [name, value] of Object.entries(signed)) headers.push(name, value);
    return await request(`${origin}${asked.path}`, {
      method: 'POST',
      headers,
      body: way.body(asked.body),
      signal: way.signal,
      dispatcher: agent,
      highWaterMark: UNPAUSED_BYTES,
      // Both are bounded by the signal.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  return {
    async post(miner, asked) {
      const way = underWay(asked.timeoutMs, asked.signal);
      const dump = (response: Dispatcher.ResponseData): Promise<void> =>
        response.body.dump({ limit: REFUSAL_BYTES, signal: way.signal }).catch(() => undefined);
      try {
        let response = await send(miner, asked, way);
        // What lay here until its signature was old is no fault of the miner's: it is signed anew, once.
        if (response.statusCode === 401 && way.waitedMs() > MOST_SENDING_MS) {
          await dump(response);
          response = await send(miner, asked, way);
        }
        if (response.statusCode !== 200) {
          const elapsed_ms = way.elapsedMs();
          await dump(response);
          const refusal =
            response.statusCode === 429 ? limited(response.headers) : new NoAnswer(`refused_${response.statusCode}`);
          return outcomeOfError(refusal, { isSent: true, isLate: false, elapsed_ms });
        }
        const first_ms = await readWithin(response, asked.maxBytes, asked.read, way.elapsedMs);
        return { outcome: 'read', elapsed_ms: way.elapsedMs(), first_ms };
      } catch (error) {
        asked.signal?.throwIfAborted();
        return outcomeOfError(error, { isSent: way.isSent(), isLate: way.isLate(), elapsed_ms: way.elapsedMs() });
      } finally {
        way.end();
      }
    },
    close: () => agent.destroy(),
  };
}
