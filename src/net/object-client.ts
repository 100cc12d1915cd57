import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Signer } from '../core/chain.ts';
import { InvalidInputError, SeineError, messageOf } from '../core/errors.ts';
import { signRequest } from './epistula.ts';

const DIGEST = /^[0-9a-f]{64}$/;
/** How much of a refusal is read. */
const MAX_REFUSAL_BYTES = 4096;
/** Time before the minimum rate counts. */
const GRACE_MS = 5000;

/** The peer sent what is not the object: nothing of it may be used, and the same peer will hardly do better. */
export class ObjectRejected extends SeineError {
  readonly reason: 'digest' | 'too_large';

  constructor(reason: ObjectRejected['reason'], message: string, details: Readonly<Record<string, unknown>>) {
    super('ObjectRejected', message, { details: { reason, ...details } });
    this.reason = reason;
  }
}

/** The peer did not answer, broke off, or was too slow; it may be back later. */
export class PeerUnreachable extends SeineError {
  readonly reason: 'connection' | 'timeout' | 'too_slow';

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

class LocalWriteError extends Error {
  constructor(cause: unknown) {
    super('writing failed', { cause });
  }
}

export interface FetchObjectOptions {
  /** `http://<ip>:<port>`: an address literal, as axons on chain have; names are not resolved. */
  base: string;
  /** SHA-256 of the object, 64 lower-case hex characters. */
  digest: string;
  maxBytes: number;
  /** SS58 address of the peer. */
  receiver: string;
  signer: Signer;
  /** Time for the whole object. */
  timeoutMs: number;
  /** A peer that sends less is given up, once 5 s have passed. */
  minBytesPerSecond: number;
  /** Whether this IP address may be asked: private and loopback ones only where they are allowed by name. */
  isAllowedAddress: (address: string) => boolean;
  /** Cancels the fetch. */
  signal?: AbortSignal;
  /** @default Date.now */
  now?: () => number;
}

/**
 * An object from a peer, checked against its digest and held in memory.
 * @throws ObjectRejected, PeerUnreachable, PeerRefused; InvalidInputError for an address that may not be asked
 */
export async function fetchObject(options: FetchObjectOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await receive(options, (chunk) => {
    chunks.push(chunk);
    return Promise.resolve();
  });
  return Buffer.concat(chunks);
}

/**
 * As fetchObject, into a file: `path` appears whole and checked, or not at all.
 * @returns its size in bytes
 */
export async function fetchObjectToFile(options: FetchObjectOptions, path: string): Promise<number> {
  const partial = `${path}.${randomUUID()}.part`;
  const file = await open(partial, 'wx');
  try {
    const sizeBytes = await receive(options, async (chunk) => {
      await file.writeFile(chunk);
    });
    await file.sync();
    await file.close();
    await rename(partial, path);
    return sizeBytes;
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
}

async function receive(options: FetchObjectOptions, write: (chunk: Uint8Array) => Promise<void>): Promise<number> {
  const { base, digest, maxBytes, minBytesPerSecond } = options;
  if (!DIGEST.test(digest)) throw new InvalidInputError(`${digest} is not a SHA-256 in lower-case hex`, { digest });
  const origin = peerOrigin(base, options.isAllowedAddress);
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  // A connection of its own: peers are asked rarely, and one that hangs holds nothing of the others'.
  const agent = new Agent({ connect: { timeout: GRACE_MS }, pipelining: 0, maxHeaderSize: 8192 });
  try {
    const response = await ask(options, origin, signal, agent);
    if (response.statusCode !== 200) throw await refusalOf(response, base);
    const declared = Number(response.headers['content-length'] ?? 0);
    if (declared > maxBytes) throw tooLarge(options, declared);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const startedMs = performance.now();
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(options, sizeBytes);
      const tookMs = performance.now() - startedMs;
      if (tookMs > GRACE_MS && sizeBytes < (tookMs / 1000) * minBytesPerSecond) {
        throw new PeerUnreachable('too_slow', base, `sent ${sizeBytes} bytes in ${Math.round(tookMs)} ms`);
      }
      hash.update(chunk);
      await write(chunk).catch((cause: unknown) => {
        throw new LocalWriteError(cause);
      });
    }
    const actual = hash.digest('hex');
    if (actual !== digest) {
      const message = `${base} sent ${sizeBytes} bytes with the digest ${actual}, not ${digest}`;
      throw new ObjectRejected('digest', message, { base, digest, actual, sizeBytes });
    }
    return sizeBytes;
  } catch (error) {
    // A full disk here is not the peer's fault.
    if (error instanceof LocalWriteError) throw error.cause;
    if (error instanceof SeineError || options.signal?.aborted === true) throw error;
    if (deadline.aborted) throw new PeerUnreachable('timeout', base, `not done within ${options.timeoutMs} ms`, error);
    throw new PeerUnreachable('connection', base, messageOf(error), error);
  } finally {
    await agent.destroy();
  }
}

async function ask(
  { digest, signer, receiver, now = Date.now }: FetchObjectOptions,
  origin: string,
  signal: AbortSignal,
  agent: Agent,
): Promise<Dispatcher.ResponseData> {
  const body = Buffer.from(JSON.stringify({ digest }));
  const signed = await signRequest({ body, signer, receiver, now, uuid: randomUUID });
  return await request(`${origin}/v1/objects`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed },
    body,
    signal,
    dispatcher: agent,
    // Both are bounded by the signal; the rate below catches a peer that trickles.
    headersTimeout: 0,
    bodyTimeout: GRACE_MS,
  });
}

/** The origin to connect to: an IP address literal that is allowed, so that no name can lead elsewhere. */
function peerOrigin(base: string, isAllowedAddress: (address: string) => boolean): string {
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

function tooLarge({ base, digest, maxBytes }: FetchObjectOptions, sizeBytes: number): ObjectRejected {
  const message = `${base} sends ${sizeBytes} bytes or more for ${digest}; at most ${maxBytes} are taken`;
  return new ObjectRejected('too_large', message, { base, digest, sizeBytes, maxBytes });
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
