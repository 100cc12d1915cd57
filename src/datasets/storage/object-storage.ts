import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidInputError } from '../../core/errors.ts';
import type { Digest } from '../../core/manifest.ts';
import { ObjectDamaged, ObjectMissing } from '../errors.ts';
import { fileDigest } from '../file-digest.ts';
import type { Bucket, ByteRange } from './bucket.ts';

/**
 * Objects named by the SHA-256 of their bytes, kept where others can get them once they may. What is put is private until it is released,
 * which happens when its commitment is final.
 */
export interface ObjectStorage {
  put(bytes: Uint8Array): Promise<Digest>;
  putFile(path: string): Promise<Digest>;
  has(digest: Digest): Promise<boolean>;
  /** All bytes, checked. @throws ObjectMissing, ObjectDamaged */
  get(digest: Digest): Promise<Uint8Array>;
  /** Some bytes, which can't be checked by themselves. @throws ObjectMissing, InvalidInputError for a range that isn't within the object */
  getRange(digest: Digest, range: ByteRange): Promise<Uint8Array>;
  /** Copies an object into a file, checked; there is no file where that fails. @throws ObjectMissing, ObjectDamaged */
  getFile(digest: Digest, path: string): Promise<void>;
  isReleased(digest: Digest): Promise<boolean>;
  /** Lets everybody have it under its digest. Once released, an object stays so. @throws ObjectMissing, ObjectDamaged */
  release(digest: Digest): Promise<void>;
}

/**
 * Object storage in two buckets: one that only its owner can read, and one that everybody can.
 * @param scratch folder for files on their way
 */
export function createObjectStorage(options: { drafts: Bucket; released: Bucket; scratch: string }): ObjectStorage {
  const { drafts, released, scratch } = options;

  const find = async (digest: Digest): Promise<{ bucket: Bucket; sizeBytes: number }> => {
    assertDigest(digest);
    for (const bucket of [released, drafts]) {
      const sizeBytes = await bucket.size(digest);
      if (sizeBytes !== null) return { bucket, sizeBytes };
    }
    throw new ObjectMissing(digest);
  };
  const withScratch = async <T>(work: (path: string) => Promise<T>): Promise<T> => {
    await mkdir(scratch, { recursive: true });
    const path = join(scratch, randomUUID());
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  };
  const has = async (digest: Digest): Promise<boolean> => {
    assertDigest(digest);
    return (await released.size(digest)) !== null || (await drafts.size(digest)) !== null;
  };
  const putFile = async (path: string): Promise<Digest> => {
    const { sha256 } = await fileDigest(path);
    if (!(await has(sha256))) await drafts.writeFile(sha256, path);
    return sha256;
  };
  const getFile = async (digest: Digest, path: string): Promise<void> => {
    const { bucket } = await find(digest);
    try {
      await pipeline(Readable.from(bucket.read(digest)), createWriteStream(path));
      if ((await fileDigest(path)).sha256 !== digest) throw new ObjectDamaged(digest, bucket.place);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  };

  return {
    has,
    putFile,
    getFile,
    put: (bytes) =>
      withScratch(async (path) => {
        await writeFile(path, bytes);
        return await putFile(path);
      }),
    async get(digest) {
      const { bucket } = await find(digest);
      const hash = createHash('sha256');
      const bytes = await collect(bucket.read(digest), (chunk) => hash.update(chunk));
      if (hash.digest('hex') !== digest) throw new ObjectDamaged(digest, bucket.place);
      return bytes;
    },
    async getRange(digest, range) {
      const { bucket, sizeBytes } = await find(digest);
      const { start, end } = range;
      if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start >= end || end > sizeBytes) {
        throw new InvalidInputError(`bytes ${start} to ${end} are not within the ${sizeBytes} of ${digest}`, {
          digest,
        });
      }
      return await collect(bucket.read(digest, range));
    },
    async isReleased(digest) {
      assertDigest(digest);
      return (await released.size(digest)) !== null;
    },
    async release(digest) {
      assertDigest(digest);
      if ((await released.size(digest)) === null) {
        await withScratch(async (path) => {
          await getFile(digest, path);
          await released.writeFile(digest, path);
        });
      }
      await drafts.remove(digest);
    },
  };
}

async function collect(stream: AsyncIterable<Uint8Array>, see?: (chunk: Uint8Array) => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    see?.(chunk);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Digests come from other people's manifests: anything else would name something else. */
function assertDigest(digest: Digest): void {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new InvalidInputError(`not a digest: ${JSON.stringify(digest)}`);
}
