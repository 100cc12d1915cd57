import { createHash } from 'node:crypto';
import { InvalidInputError, SeineError } from '../core/errors.ts';
import { askPeer } from './peer-request.ts';
import type { PeerRequest } from './peer-request.ts';
import { writeWholeFile } from './whole-file.ts';
import type { WriteChunk } from './whole-file.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** The peer sent what is not the object: nothing of it may be used, and the same peer will hardly do better. */
export class ObjectRejected extends SeineError {
  readonly reason: 'digest' | 'too_large';

  constructor(reason: ObjectRejected['reason'], message: string, details: Readonly<Record<string, unknown>>) {
    super('ObjectRejected', message, { details: { reason, ...details } });
    this.reason = reason;
  }
}

export interface FetchObjectOptions extends PeerRequest {
  /** SHA-256 of the object, 64 lower-case hex characters. */
  digest: string;
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
  return await writeWholeFile(path, (write) => receive(options, write));
}

async function receive(options: FetchObjectOptions, write: WriteChunk): Promise<number> {
  const { base, digest, maxBytes } = options;
  if (!DIGEST.test(digest)) throw new InvalidInputError(`${digest} is not a SHA-256 in lower-case hex`, { digest });
  const hash = createHash('sha256');
  const tooLarge = (sizeBytes: number): ObjectRejected => {
    const message = `${base} sends ${sizeBytes} bytes or more for ${digest}; at most ${maxBytes} are taken`;
    return new ObjectRejected('too_large', message, { base, digest, sizeBytes, maxBytes });
  };
  const sizeBytes = await askPeer(options, { path: '/v1/objects', body: { digest }, tooLarge }, async (chunk) => {
    hash.update(chunk);
    await write(chunk);
  });
  const actual = hash.digest('hex');
  if (actual !== digest) {
    const message = `${base} sent ${sizeBytes} bytes with the digest ${actual}, not ${digest}`;
    throw new ObjectRejected('digest', message, { base, digest, actual, sizeBytes });
  }
  return sizeBytes;
}
