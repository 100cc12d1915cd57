import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();
const BYTES = new TextEncoder().encode('what was stored');
const DIGEST = sha256Hex(BYTES);

describe('createFileStore', () => {
  it('keeps bytes under their digest, in two levels of folders', async () => {
    const store = createFileStore(join(dir, 'put'));
    expect(await store.has(DIGEST)).toBe(false);
    expect(store.path(DIGEST)).toBeNull();
    expect(await store.put(BYTES)).toBe(DIGEST);
    expect(await store.has(DIGEST)).toBe(true);
    expect(store.path(DIGEST)).toBe(join(dir, 'put', DIGEST.slice(0, 2), DIGEST.slice(2, 4), DIGEST));
    expect(Buffer.from(await store.get(DIGEST))).toEqual(Buffer.from(BYTES));
  });

  it('keeps a copy of a file, and leaves no drafts', async () => {
    const store = createFileStore(join(dir, 'file'));
    const source = join(dir, 'source');
    writeFileSync(source, BYTES);
    expect(await store.putFile(source)).toBe(DIGEST);
    expect(existsSync(source)).toBe(true);
    writeFileSync(source, 'changed since');
    expect(Buffer.from(await store.get(DIGEST)).toString()).toBe('what was stored');
    expect(readdirSync(join(dir, 'file', 'tmp'))).toEqual([]);
  });

  it('keeps the file that a writer makes, and nothing of one that fails', async () => {
    const store = createFileStore(join(dir, 'by'));
    expect(await store.putBy((path) => writeFile(path, BYTES))).toBe(DIGEST);
    const failing = async (path: string): Promise<void> => {
      await writeFile(path, 'half');
      throw new Error('the peer is gone');
    };
    await expect(store.putBy(failing)).rejects.toThrow('the peer is gone');
    expect(Buffer.from(await store.get(DIGEST)).toString()).toBe('what was stored');
    expect(await store.has(sha256Hex('half'))).toBe(false);
    expect(readdirSync(join(dir, 'by', 'tmp'))).toEqual([]);
  });

  it('stores the same bytes many times at once as one object', async () => {
    const store = createFileStore(join(dir, 'race'));
    const digests = await Promise.all(Array.from({ length: 20 }, () => store.put(BYTES)));
    expect(new Set(digests)).toEqual(new Set([DIGEST]));
    expect(Buffer.from(await store.get(DIGEST)).toString()).toBe('what was stored');
  });

  it('streams an object with its size', async () => {
    const store = createFileStore(join(dir, 'open'));
    const large = Buffer.alloc(300_000, 'seine ');
    const digest = await store.put(large);
    const { stream, sizeBytes } = await store.open(digest);
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(sizeBytes).toBe(large.length);
    expect(Buffer.concat(chunks).equals(large)).toBe(true);
    const empty = await store.open(await store.put(new Uint8Array()));
    expect(await empty.stream.toArray()).toEqual([]);
  });

  it('says what is missing', async () => {
    const store = createFileStore(join(dir, 'missing'));
    await expect(store.get(DIGEST)).rejects.toMatchObject({ name: 'ObjectMissing', details: { digest: DIGEST } });
    await expect(store.open(DIGEST)).rejects.toMatchObject({ name: 'ObjectMissing' });
  });

  it('hands out no damaged object, whole or streamed', async () => {
    const store = createFileStore(join(dir, 'damaged'));
    await store.put(BYTES);
    appendFileSync(store.path(DIGEST)!, '!');
    await expect(store.get(DIGEST)).rejects.toMatchObject({ name: 'ObjectDamaged' });
    const { stream } = await store.open(DIGEST);
    await expect(stream.toArray()).rejects.toMatchObject({ name: 'ObjectDamaged' });
  });

  it.each(['', '..', `../${'a'.repeat(61)}`, DIGEST.toUpperCase(), `${DIGEST}0`, '/etc/passwd'])(
    'takes no name but a digest: %j',
    async (name) => {
      const store = createFileStore(join(dir, 'names'));
      expect(() => store.path(name)).toThrow('not a digest');
      await expect(store.get(name)).rejects.toThrow('not a digest');
    },
  );
});
