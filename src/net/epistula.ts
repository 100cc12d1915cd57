import type { Signer } from '../core/chain.ts';
import { SeineError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import { isSr25519Signature } from '../core/sr25519.ts';
import { publicKeyOf } from './hotkey.ts';

/*
 * Epistula v2: an HTTP request signed by a hotkey. The signed message is `sha256hex(body).uuid.timestamp.signed_for`, in
 * ASCII. Stricter than public examples: the receiver must be named, the future is bounded, and a uuid works once, across
 * restarts. Method and path are not signed, so a body must say by itself what is asked.
 */

/** How far a timestamp may lie from the receiver's clock, in the past or the future. */
export const DEFAULT_WINDOW_MS = 5000;

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SIGNATURE = /^0x[0-9a-f]{128}$/;
/** Decimal milliseconds without padding, below 2^53. */
const TIMESTAMP = /^[1-9][0-9]{0,15}$/;

export type RefusalReason =
  'malformed' | 'unsupported_version' | 'stale' | 'in_future' | 'wrong_receiver' | 'bad_signature' | 'replayed';

/** A signed request that must not be served. `status` is the HTTP status to answer with. */
export class RequestRefused extends SeineError {
  readonly reason: RefusalReason;
  readonly status: number;

  constructor(reason: RefusalReason, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super('RequestRefused', message, { details: { reason, ...details } });
    this.reason = reason;
    this.status = reason === 'malformed' || reason === 'unsupported_version' ? 400 : 401;
  }
}

/** Request ids that were used. Must outlive the process: a restart must not make old requests fresh again. */
export interface SeenIds {
  /** Whether this is the first use of `id`; remembers it until `expiresAtMs` at least. One caller only is told true. */
  firstUse(id: string, expiresAtMs: number): Promise<boolean>;
}

export interface SignOptions {
  body: Uint8Array;
  signer: Signer;
  /** SS58 address of the peer that may accept the request. */
  receiver: string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** A fresh v4 uuid, lower case. */
  uuid: () => string;
}

/** Headers of one signed request; each attempt needs its own, since a uuid works once. */
export async function signRequest(options: SignOptions): Promise<Record<string, string>> {
  const { body, signer, receiver, now, uuid } = options;
  const timestamp = String(now());
  const id = uuid();
  const signature = await signer.sign(signedMessage(body, id, timestamp, receiver));
  return {
    'epistula-version': '2',
    'epistula-timestamp': timestamp,
    'epistula-uuid': id,
    'epistula-signed-by': signer.address,
    'epistula-signed-for': receiver,
    'epistula-request-signature': `0x${Buffer.from(signature).toString('hex')}`,
  };
}

export interface VerifyOptions {
  /** As node:http gives them: names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
  /** SS58 address of this receiver. */
  self: string;
  nowMs: number;
  seen: SeenIds;
  /** @default 5000 */
  windowMs?: number;
}

/**
 * Who signed this request. Throws RequestRefused; an error of `seen` passes through, and the request must not be served
 * then either. The uuid is spent only by a request that is right in every other way, so that nobody can spend another's.
 * The caller must have awaited `cryptoWaitReady()`.
 */
export async function verifyRequest(options: VerifyOptions): Promise<{ caller: string }> {
  const { headers, body, self, nowMs, seen, windowMs = DEFAULT_WINDOW_MS } = options;
  const version = header(headers, 'epistula-version');
  if (version !== '2') {
    throw new RequestRefused('unsupported_version', `Epistula version ${version} is not spoken here; send version 2`);
  }
  const timestamp = header(headers, 'epistula-timestamp', TIMESTAMP);
  const uuid = header(headers, 'epistula-uuid', UUID_V4);
  const caller = header(headers, 'epistula-signed-by');
  const receiver = header(headers, 'epistula-signed-for');
  const signature = header(headers, 'epistula-request-signature', SIGNATURE);
  const publicKey = publicKeyOf(caller);
  if (publicKey === null) {
    throw new RequestRefused('malformed', 'epistula-signed-by is not the usual SS58 address (prefix 42) of a key');
  }

  const sentAtMs = Number(timestamp);
  const ageMs = nowMs - sentAtMs;
  if (ageMs > windowMs) {
    throw new RequestRefused('stale', `signed ${ageMs} ms ago, over ${windowMs}; sign again, check the clock`, {
      ageMs,
    });
  }
  if (!(ageMs >= -windowMs)) {
    throw new RequestRefused('in_future', `signed ${-ageMs} ms ahead of this clock; check yours`, { ageMs });
  }
  if (receiver !== self) {
    throw new RequestRefused('wrong_receiver', `signed for ${receiver}, but this is ${self}`, { receiver, self });
  }
  const message = signedMessage(body, uuid, timestamp, receiver);
  if (!isSr25519Signature(message, Buffer.from(signature.slice(2), 'hex'), publicKey)) {
    throw new RequestRefused('bad_signature', `the signature is not ${caller}'s over this body`, { caller });
  }
  if (!(await seen.firstUse(`${caller}:${uuid}`, sentAtMs + windowMs))) {
    throw new RequestRefused('replayed', `request ${uuid} was used before; sign again with a new uuid`, { uuid });
  }
  return { caller };
}

function signedMessage(body: Uint8Array, uuid: string, timestamp: string, receiver: string): Uint8Array {
  return Buffer.from(`${sha256Hex(body)}.${uuid}.${timestamp}.${receiver}`);
}

function header(headers: VerifyOptions['headers'], name: string, form?: RegExp): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') {
    throw new RequestRefused('malformed', `the header ${name} is missing`, { header: name });
  }
  if (form !== undefined && !form.test(value)) {
    throw new RequestRefused('malformed', `the header ${name} is not of the form ${form.source}`, { header: name });
  }
  return value;
}
