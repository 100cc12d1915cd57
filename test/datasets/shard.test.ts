import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { merkleRoot } from '../../src/core/hash/merkle.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { canonicalPublishedRow } from '../../src/datasets/published-row.ts';
import { sortRows } from '../../src/datasets/row-order.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { verifyShard } from '../../src/datasets/verify-shard.ts';
import { anyRecord, sampleRecord, sampleRecords } from './records.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();

describe('writeShard', () => {
  it('writes the same bytes as ever', async () => {
    const path = join(dir, 'golden.parquet');
    const entry = await writeShard(sampleRecords(100), path);
    // Another digest here means that everybody's shards change: intended only with a new version of the tool or of the schema.
    expect(entry).toEqual({
      sha256: '83c756da16d7739cb10031fdf5e966be8d29261b99248d598538902c94a6b0c6',
      bytes: 13_365,
      rows: 100,
      rows_root: '71ad83426ee72a86bb81db4953e2ab4e0be42524aabe366a5a71f19369c0136a',
      min_created_at: 1_700_000_000_000_001,
      max_created_at: 1_700_000_000_000_099,
    });
    expect(sha256Hex(readFileSync(path))).toBe(entry.sha256);
  });

  it('writes the same bytes from a list, from a slow stream and again, across a batch border', async () => {
    const rows = Array.from({ length: 65_536 + 3 }, (_, number) => sampleRecord(number, { text: null, media: [] }));
    async function* slowly(): AsyncGenerator<DataRecord> {
      for (const [index, row] of rows.entries()) {
        if (index % 10_000 === 0) await new Promise(setImmediate);
        yield row;
      }
    }
    const one = await writeShard(rows, join(dir, 'one.parquet'));
    const two = await writeShard(slowly(), join(dir, 'two.parquet'));
    expect(two).toEqual(one);
    const metadata = parquetMetadata(bufferOf(join(dir, 'one.parquet')));
    expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([65_536, 3]);
    expect(metadata.created_by).toBe('seine-0.1.0');
  });

  it('is read by another implementation as the same rows', async () => {
    const path = join(dir, 'other-reader.parquet');
    const rows = sampleRecords(20);
    await writeShard(rows, path);
    const read = await parquetReadObjects({ file: bufferOf(path), compressors, utf8: true, parsers: RAW_TIMES });
    expect(read.map(plainly)).toEqual(rows);
  });

  it.each<[string, DataRecord[], string]>([
    ['no rows', [], 'at least one row'],
    ['rows out of order', [sampleRecord(2), sampleRecord(1)], 'comes after'],
    ['an id twice', [sampleRecord(1), sampleRecord(1)], 'comes twice'],
    ['an invalid row', [sampleRecord(1, { fetch: { ...sampleRecord(1).fetch, body_sha256: 'x' } })], 'body_sha256'],
    ['a surplus metric', [sampleRecord(1, { metrics: { ...sampleRecord(1).metrics, claps: 1 } as never })], 'metrics'],
    ['a time that is text', [sampleRecord(1, { created_at: '2026' as never })], 'created_at'],
    [
      'a status beyond 32 bits',
      [sampleRecord(1, { fetch: { ...sampleRecord(1).fetch, status: 2 ** 31 } })],
      'fetch.status',
    ],
  ])('refuses %s', async (_, rows, message) => {
    const writing = writeShard(rows, join(dir, 'refused.parquet'));
    await expect(writing).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining(message) as string,
    });
  });

  it('passes on an error of its input', async () => {
    async function* broken(): AsyncGenerator<DataRecord> {
      yield sampleRecord(1);
      await Promise.resolve();
      throw new Error('the source broke');
    }
    await expect(writeShard(broken(), join(dir, 'broken.parquet'))).rejects.toThrow('the source broke');
  });
});

describe('a shard read back', () => {
  it('gives the same canonical rows, whatever they hold', async () => {
    const rows = fc.uniqueArray(anyRecord, { minLength: 1, maxLength: 40, selector: (row) => row.id });
    await fc.assert(
      fc.asyncProperty(rows, async (records) => {
        const sorted = sortRows(records);
        const path = join(dir, 'any.parquet');
        const entry = await writeShard(sorted, path);
        const verified = await verifyShard(path, entry);
        expect(verified.rows.map(canonicalRow)).toEqual(sorted.map(canonicalRow));
        expect(merkleRoot(verified.leaves)).toBe(entry.rows_root);
      }),
      { numRuns: 15 },
    );
  });

  it('can be left in the middle', async () => {
    const path = join(dir, 'left.parquet');
    await writeShard(sampleRecords(10), path);
    for await (const row of readShard(path)) {
      expect(row.id).toBe(sampleRecord(0).id);
      break;
    }
  });

  it('is read from bytes as from a path', async () => {
    const path = join(dir, 'bytes.parquet');
    await writeShard(sampleRecords(3), path);
    const copy = join(dir, 'copy.parquet');
    writeFileSync(copy, readFileSync(path));
    const rows: DataRecord[] = [];
    for await (const row of readShard(new Uint8Array(readFileSync(copy)))) rows.push(row);
    expect(rows).toEqual(sampleRecords(3));
  });
});

describe('canonicalRow', () => {
  it('writes any row as canonicalJson does, published or not', () => {
    fc.assert(
      fc.property(anyRecord, (row) => {
        expect(canonicalRow(row)).toBe(canonicalJson(row));
        const publishing = { commit: 3, leaf: 'ab'.repeat(32) };
        expect(canonicalPublishedRow({ ...row, ...publishing }, 4)).toBe(canonicalJson({ ...row, ...publishing }));
      }),
    );
  });

  it.each(['a \\ud800 of letters', '\u{1f600}', '\u2028', '\0'])('writes %j as canonicalJson does', (text) => {
    const row = sampleRecord(1, { text });
    expect(canonicalRow(row)).toBe(canonicalJson(row));
  });

  it('refuses a lone surrogate', () => {
    expect(() => canonicalRow(sampleRecord(1, { author: 'x\ud800' }))).toThrow('lone surrogate');
  });
});

describe('sortRows', () => {
  it('sorts as Buffer.compare does on UTF-8, also where code units would go another way', () => {
    const ids = fc.array(fc.string({ unit: 'binary' }).map((id) => id.replaceAll(/\p{Cs}/gu, '')));
    fc.assert(
      fc.property(ids, (all) => {
        const expected = [...all].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(sortRows(all.map((id) => ({ id }))).map(({ id }) => id)).toEqual(expected);
      }),
    );
    expect(sortRows([{ id: '\u{1f600}' }, { id: '\uffee' }]).map(({ id }) => id)).toEqual(['\uffee', '\u{1f600}']);
  });
});

const RAW_TIMES = {
  timestampFromMicroseconds: (micros: bigint) => Number(micros) as unknown as Date,
  stringFromBytes: (bytes: Uint8Array | undefined) =>
    bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'),
};

function bufferOf(path: string): ArrayBuffer {
  return new Uint8Array(readFileSync(path)).buffer;
}

/** 64-bit integers as numbers, and nothing as null. */
function plainly(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plainly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainly(item)]));
}
