import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { Bucket } from '../../src/datasets/storage/bucket.ts';
import { createObjectStorage } from '../../src/datasets/storage/object-storage.ts';
import type { ObjectStorage } from '../../src/datasets/storage/object-storage.ts';

/**
 * What every object storage must do.
 * @param open gives two new, empty buckets
 */
export function storageContract(name: string, open: () => Promise<{ drafts: Bucket; released: Bucket }>): void {
  describe(name, () => {
    const scratch = mkdtempSync(join(tmpdir(), 'seine-storage-'));
    const bytes = new TextEncoder().encode('what was stored');
    const digest = sha256Hex(bytes);
    let buckets: { drafts: Bucket; released: Bucket };
    let storage: ObjectStorage;

    beforeAll(async () => {
      buckets = await open();
      storage = createObjectStorage({ ...buckets, scratch: join(scratch, 'tmp') });
    });
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    it('has nothing at first, and says so', async () => {
      expect(await storage.has(digest)).toBe(false);
      await expect(storage.get(digest)).rejects.toMatchObject({ name: 'ObjectMissing', details: { digest } });
      await expect(storage.release(digest)).rejects.toMatchObject({ name: 'ObjectMissing' });
      await expect(storage.getFile(digest, join(scratch, 'none'))).rejects.toMatchObject({ name: 'ObjectMissing' });
    });

    it('keeps what is put by its digest, privately until it is released', async () => {
      expect(await storage.put(bytes)).toBe(digest);
      expect(await storage.put(bytes)).toBe(digest);
      expect(Buffer.from(await storage.get(digest)).toString()).toBe('what was stored');
      expect(await storage.isReleased(digest)).toBe(false);
      expect(await buckets.released.size(digest)).toBeNull();
      await storage.release(digest);
      expect(await storage.isReleased(digest)).toBe(true);
      expect(await buckets.released.size(digest)).toBe(bytes.length);
      expect(await buckets.drafts.size(digest)).toBeNull();
      await storage.release(digest);
      expect(Buffer.from(await storage.get(digest)).toString()).toBe('what was stored');
    });

    it('keeps large files, gives ranges of them, and copies them back', async () => {
      const large = Buffer.concat([randomBytes(9 * 2 ** 20), Buffer.from('the end')]);
      const path = join(scratch, 'large');
      writeFileSync(path, large);
      const name = await storage.putFile(path);
      expect(Buffer.from(await storage.getRange(name, { start: large.length - 7, end: large.length })).toString()).toBe(
        'the end',
      );
      const middle = { start: 5_000_000, end: 5_001_000 };
      expect(large.subarray(middle.start, middle.end).equals(await storage.getRange(name, middle))).toBe(true);
      await storage.getFile(name, join(scratch, 'back'));
      expect(readFileSync(join(scratch, 'back')).equals(large)).toBe(true);
    });

    it.each([
      [0, 0],
      [-1, 2],
      [3, 2],
      [0, 16],
      [0.5, 2],
    ])('gives no bytes %d to %d of an object of 15', async (start, end) => {
      await storage.put(bytes);
      await expect(storage.getRange(digest, { start, end })).rejects.toMatchObject({ name: 'InvalidInput' });
    });

    it('hands out no damaged object, and releases none', async () => {
      const other = sha256Hex('something else');
      writeFileSync(join(scratch, 'wrong'), 'not that');
      await buckets.drafts.writeFile(other, join(scratch, 'wrong'));
      await expect(storage.get(other)).rejects.toMatchObject({ name: 'ObjectDamaged' });
      await expect(storage.getFile(other, join(scratch, 'copy'))).rejects.toMatchObject({ name: 'ObjectDamaged' });
      expect(existsSync(join(scratch, 'copy'))).toBe(false);
      await expect(storage.release(other)).rejects.toMatchObject({ name: 'ObjectDamaged' });
      expect(await storage.isReleased(other)).toBe(false);
    });

    it.each(['', '..', `../${'a'.repeat(61)}`, digest.toUpperCase(), '/etc/passwd'])(
      'takes no name but a digest: %j',
      async (wrong) => {
        await expect(storage.get(wrong)).rejects.toThrow('not a digest');
        await expect(storage.release(wrong)).rejects.toThrow('not a digest');
      },
    );
  });
}
