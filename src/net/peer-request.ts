import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Signer } from '../core/chain.ts';
import { InvalidInputError, SeineError, messageOf } from '../core/errors.ts';
import { signRequest } from './epistula.ts';
import { UNPAUSED_BYTES } from './unpaused.ts';

/** How much of a refusal is read. */
const MAX_REFUSAL_BYTES = 4096;
/** Time before the minimum rate counts. */
const GRACE_MS = 5000;

/** The peer did not answer, broke off, or was too slow; it may be back later. */
export class PeerUnreachable extends SeineError {
  readonly reason: 'connection' | 'timeout' | 'too_slow' | 'too_large';

  constructor(reason: PeerUnreachable['reason'], base: string, message: string, cause?: unknown) {
    super('PeerUnreachable', `${base}: ${message}`, { details: { reason, base }, remedy: 'retry', cause });
    this.reason = reason;
  }
}

/** The peer answered that it will not serve this. Busy peers (408, 429, 5xx) may be asked again later. */
export class PeerRefused extends SeineError {
  readonly status: number;
  /** The peer's word for it (`not_served`, `stale`, …), shortened; its own claim. */
  readonly reason: string;

  constructor(base: string, status: number, reason: string, message: string) {
    const busy = status === 408 || status === 429 || status >= 500;
    super('PeerRefused', `${base} answered ${status} ${reason}: ${message}`, {
      details: { base, status, reason },
      remedy: busy ? 'retry' : 'never',
    });
    this.status = status;
    this.reason = reason;
  }
}

/** The base to ask a peer at, from its axon on chain. */
export function peerBase({ ip, port }: { ip: string; port: number }): string {
  return `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
}

class ReaderFailed extends Error {}

/** Whom to ask, and how long to bear with it. */
export interface PeerRequest {
  /** `http://<ip>:<port>`: an address literal, as axons on chain have; names are not resolved. */
  base: string;
  maxBytes: number;
  /** SS58 address of the peer. */
  receiver: string;
  signer: Signer;
  /** Time for the whole answer. */
  timeoutMs: number;
  /** A peer that sends less is given up, once 5 s have passed. */
  minBytesPerSecond: number;
  /** Whether this IP address may be asked: private and loopback ones only where they are allowed by name. */
  isAllowedAddress: (address: string) => boolean;
  /** Cancels the request, which rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** @default Date.now */
  now?: () => number;
}

/**
 * Posts a signed JSON body to a peer and hands on its answer as it comes.
 * @param asked.tooLarge the error for an answer of more than `maxBytes`
 * @returns the answer's size in bytes
 * @throws PeerUnreachable, PeerRefused; InvalidInputError for an address that may not be asked; what `read` throws; the reason of `signal`
 */
export async function askPeer(
  options: PeerRequest,
  asked: { path: string; body: object; tooLarge: (sizeBytes: number) => SeineError },
  read: (chunk: Uint8Array) => Promise<void> | void,
): Promise<number> {
  const { base, maxBytes, minBytesPerSecond } = options;
  const origin = peerOrigin(base, options.isAllowedAddress);
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  // A connection of its own: peers are asked rarely, and one that hangs holds nothing of the others'.
  const agent = new Agent({ connect: { timeout: GRACE_MS }, pipelining: 0, maxHeaderSize: 8192 });
  try {
    const response = await post(options, asked, origin, signal, agent);
    if (response.statusCode !== 200) throw await refusalOf(response, base);
    const declared = Number(response.headers['content-length'] ?? 0);
    if (declared > maxBytes) throw asked.tooLarge(declared);
    let sizeBytes = 0;
    const startedMs = performance.now();
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw asked.tooLarge(sizeBytes);
      const tookMs = performance.now() - startedMs;
      if (tookMs > GRACE_MS && sizeBytes < (tookMs / 1000) * minBytesPerSecond) {
        throw new PeerUnreachable('too_slow', base, `sent ${sizeBytes} bytes in ${Math.round(tookMs)} ms`);
      }
      try {
        await read(chunk);
      } catch (cause) {
        throw new ReaderFailed('reading failed', { cause });
      }
    }
    return sizeBytes;
  } catch (error) {
    // A full disk here is not the peer's fault.
    if (error instanceof ReaderFailed) throw error.cause;
    if (error instanceof SeineError) throw error;
    options.signal?.throwIfAborted();
    if (deadline.aborted) throw new PeerUnreachable('timeout', base, `not done within ${options.timeoutMs} ms`, error);
    throw new PeerUnreachable('connection', base, messageOf(error), error);
  } finally {
    await agent.destroy();
  }
}

async function post(
  { signer, receiver, now = Date.now }: PeerRequest,
  asked: { path: string; body: object },
  origin: string,
  signal: AbortSignal,
  agent: Agent,
): Promise<Dispatcher.ResponseData> {
  const body = Buffer.from(JSON.stringify(asked.body));
  const signed = await signRequest({ body, signer, receiver, now, uuid: randomUUID });
  return await request(`${origin}${asked.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed },
    body,
    signal,
    dispatcher: agent,
    highWaterMark: UNPAUSED_BYTES,
    // Both are bounded by the signal; the rate catches a peer that trickles.
    headersTimeout: 0,
    bodyTimeout: GRACE_MS,
  });
}

/** The origin to connect to: an IP address literal that is allowed, so that no name can lead elsewhere. */
export function peerOrigin(base: string, isAllowedAddress: (address: string) => boolean): string {
  const url = URL.canParse(base) ? new URL(base) : null;
  const address = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url?.protocol !== 'http:' || isIP(address) === 0 || base.replace(/\/$/, '') !== url.origin) {
    throw new InvalidInputError(`${base} is not of the form http://<ip>:<port>`, { base });
  }
  if (!isAllowedAddress(address)) {
    throw new InvalidInputError(`${base} is not a public address, and peers may not be asked there`, { base });
  }
  return url.origin;
}

async function refusalOf(response: Dispatcher.ResponseData, base: string): Promise<PeerRefused> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_REFUSAL_BYTES) break;
  }
  const { error, message } = errorIn(Buffer.concat(chunks).toString());
  return new PeerRefused(base, response.statusCode, error, message);
}

function errorIn(body: string): { error: string; message: string } {
  const unknown = { error: 'unknown', message: 'the peer gave no reason' };
  try {
    const parsed = JSON.parse(body) as { error?: unknown; message?: unknown } | null;
    if (typeof parsed?.error !== 'string' || typeof parsed.message !== 'string') return unknown;
    return { error: parsed.error.slice(0, 40), message: parsed.message.slice(0, 400) };
  } catch {
    return unknown;
  }
}
