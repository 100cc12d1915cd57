import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { InvalidInputError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import { ObjectDamaged, ObjectMissing } from './errors.ts';
import { fileDigest } from './file-digest.ts';

/** Objects named by the SHA-256 of their bytes. What is stored never changes; storing it again does nothing. */
export interface ObjectStore {
  put(bytes: Uint8Array): Promise<Digest>;
  /** Stores the file that `write` makes at the path that it is given, without a copy; nothing where it rejects. */
  putBy(write: (path: string) => Promise<unknown>): Promise<Digest>;
  /** Stores a copy of the file. */
  putFile(path: string): Promise<Digest>;
  /** The bytes, checked. @throws ObjectMissing, ObjectDamaged */
  get(digest: Digest): Promise<Uint8Array>;
  /** Where the object lies as a local file, unchecked; null where it doesn't. */
  path(digest: Digest): string | null;
  has(digest: Digest): Promise<boolean>;
  /** For serving: the bytes as a stream, which fails with ObjectDamaged before its end if they aren't the digest's. */
  open(digest: Digest): Promise<OpenObject>;
}

export interface OpenObject {
  stream: Readable;
  sizeBytes: number;
}

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * An ObjectStore in a folder: `<dir>/ab/cd/abcd…`. An object appears under its name only when its bytes are on disk (temporary
 * file, fsync, rename), so a crash leaves at most a file in `<dir>/tmp`.
 */
export function createFileStore(dir: string): ObjectStore {
  const place = (digest: Digest): string => {
    // Digests come from other people's manifests: anything else would name a file elsewhere.
    if (!DIGEST.test(digest)) throw new InvalidInputError(`not a digest: ${JSON.stringify(digest)}`);
    return join(dir, digest.slice(0, 2), digest.slice(2, 4), digest);
  };
  const find = (digest: Digest): string => {
    const path = place(digest);
    if (!existsSync(path)) throw new ObjectMissing(digest);
    return path;
  };
  const draft = async (write: (path: string) => Promise<Digest>): Promise<Digest> => {
    await mkdir(join(dir, 'tmp'), { recursive: true });
    const path = join(dir, 'tmp', randomUUID());
    try {
      const digest = await write(path);
      await settle(path, place(digest));
      return digest;
    } finally {
      await rm(path, { force: true });
    }
  };
  const putBy = (write: (path: string) => Promise<unknown>): Promise<Digest> =>
    draft(async (path) => {
      await write(path);
      await openDurably(path, 'r+', () => Promise.resolve());
      return (await fileDigest(path)).sha256;
    });
  return {
    put: (bytes) =>
      draft(async (path) => {
        await openDurably(path, 'wx', (file) => file.writeFile(bytes));
        return sha256Hex(bytes);
      }),
    putBy,
    // The digest is the copy's: the source may change meanwhile.
    putFile: (source) => putBy((path) => copyFile(source, path)),
    async get(digest) {
      const path = find(digest);
      const bytes = await readFile(path);
      if (sha256Hex(bytes) !== digest) throw new ObjectDamaged(digest, path);
      return bytes;
    },
    path(digest) {
      const path = place(digest);
      return existsSync(path) ? path : null;
    },
    has: (digest) => Promise.resolve(existsSync(place(digest))),
    async open(digest) {
      const path = find(digest);
      const file = await open(path, 'r');
      const { size } = await file.stat();
      return { stream: Readable.from(checkedStream(file, digest, path), { objectMode: false }), sizeBytes: size };
    },
  };
}

/** What lies in the file after `write` is on disk. */
async function openDurably(path: string, flags: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags);
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function settle(draft: string, path: string): Promise<void> {
  const folder = join(path, '..');
  await mkdir(folder, { recursive: true });
  await rename(draft, path);
  // The new name itself has to survive a power cut too.
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** One chunk is held back, so that a receiver never has all bytes of a damaged object. */
async function* checkedStream(file: FileHandle, digest: Digest, path: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  try {
    for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (held !== undefined) yield held;
      held = chunk;
    }
    if (hash.digest('hex') !== digest) throw new ObjectDamaged(digest, path);
    if (held !== undefined) yield held;
  } finally {
    await file.close();
  }
}
