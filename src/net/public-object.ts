import { InvalidInputError, SeineError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { ObjectRejected } from './object-client.ts';
import { PeerRefused, PeerUnreachable } from './peer-request.ts';

export interface PublicObjectOptions {
  /** Which addresses may be asked is for this client to say. */
  fetch: GuardedFetch;
  url: string;
  /** SHA-256 of the object, 64 lower-case hex characters. */
  digest: string;
  /** As sent, and once decompressed. */
  maxBytes: number;
  /** Time for the whole object, redirects included. */
  timeoutMs: number;
  /** A server that sends less is given up, once 5 s have passed. */
  minBytesPerSecond: number;
}

/**
 * An object that anybody may read at a URL, checked against its digest and held in memory. Fails as `fetchObject` does.
 * @throws ObjectRejected, PeerUnreachable, PeerRefused; AddressRefused and its like for URLs that may not be asked
 */
export async function fetchPublicObject(options: PublicObjectOptions): Promise<Uint8Array> {
  const { url, digest, maxBytes, timeoutMs, minBytesPerSecond } = options;
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new InvalidInputError(`${digest} is not a SHA-256 in lower-case hex`);
  const answer = await options
    .fetch(url, { headers: { accept: '*/*' }, timeoutMs, maxBodyBytes: maxBytes, minBytesPerSecond })
    .catch((error: unknown) => {
      throw objectError(error, options);
    });
  if (answer.status !== 200) {
    throw new PeerRefused(url, answer.status, `http_${answer.status}`, 'the object is not there for everybody');
  }
  const actual = sha256Hex(answer.body);
  if (actual !== digest) {
    const sizeBytes = answer.body.length;
    const message = `${url} has ${sizeBytes} bytes with the digest ${actual}, not ${digest}`;
    throw new ObjectRejected('digest', message, { base: url, digest, actual, sizeBytes });
  }
  return answer.body;
}

/** Failures by the names that those of peers have, so that reasons are the same wherever an object lay. */
function objectError(error: unknown, { url, digest, maxBytes }: PublicObjectOptions): unknown {
  if (!(error instanceof SeineError)) return error;
  switch (error.name) {
    case 'BodyTooLarge':
      return new ObjectRejected('too_large', error.message, { base: url, digest, maxBytes });
    case 'BodyTooSlow':
      return new PeerUnreachable('too_slow', url, error.message, error);
    case 'FetchTimeout':
      return new PeerUnreachable('timeout', url, error.message, error);
    case 'FetchFailed':
      return new PeerUnreachable('connection', url, error.message, error);
    default:
      return error;
  }
}
