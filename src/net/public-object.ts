import { createHash } from 'node:crypto';
import { InvalidInputError, SeineError } from '../core/errors.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { ObjectRejected } from './object-client.ts';
import { PeerRefused, PeerUnreachable } from './peer-request.ts';
import { writeWholeFile } from './whole-file.ts';
import type { WriteChunk } from './whole-file.ts';

export interface PublicObjectOptions {
  /** Which addresses may be asked is for this client to say. */
  fetch: GuardedFetch;
  url: string;
  /** SHA-256 of the object, 64 lower-case hex characters. */
  digest: string;
  maxBytes: number;
  /** Time for the whole object, redirects included. */
  timeoutMs: number;
  /** A server that sends less is given up, once 5 s have passed. */
  minBytesPerSecond: number;
  /** Cancels the request, which rejects with its reason. */
  signal?: AbortSignal | undefined;
}

/**
 * An object that anybody may read at a URL, into a file: `path` appears whole and checked, or not at all. Fails as `fetchObjectToFile` does.
 * @returns its size in bytes
 * @throws ObjectRejected, PeerUnreachable, PeerRefused; AddressRefused and its like for URLs that may not be asked
 */
export async function fetchPublicObjectToFile(options: PublicObjectOptions, path: string): Promise<number> {
  const { url, digest } = options;
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new InvalidInputError(`${digest} is not a SHA-256 in lower-case hex`);
  return await writeWholeFile(path, async (write) => {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const status = await get(options, async (chunk) => {
      hash.update(chunk);
      sizeBytes += chunk.length;
      await write(chunk);
    });
    if (status !== 200) throw new PeerRefused(url, status, `http_${status}`, 'the object is not there for everybody');
    const actual = hash.digest('hex');
    if (actual !== digest) {
      const message = `${url} has ${sizeBytes} bytes with the digest ${actual}, not ${digest}`;
      throw new ObjectRejected('digest', message, { base: url, digest, actual, sizeBytes });
    }
    return sizeBytes;
  });
}

async function get(options: PublicObjectOptions, sink: WriteChunk): Promise<number> {
  const { url, timeoutMs, minBytesPerSecond, signal } = options;
  const request = { headers: { accept: '*/*' }, timeoutMs, maxBodyBytes: options.maxBytes, minBytesPerSecond, sink };
  try {
    return (await options.fetch(url, signal === undefined ? request : { ...request, signal })).status;
  } catch (error) {
    throw objectError(error, options);
  }
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
    case 'HeadersTooLarge':
      return new PeerUnreachable('connection', url, error.message, error);
    default:
      return error;
  }
}
