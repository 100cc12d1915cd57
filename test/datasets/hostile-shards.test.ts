import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordBatchStreamWriter } from 'apache-arrow';
import { Table, writeParquet as encodeParquet } from 'parquet-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { ShardEntry } from '../../src/core/manifest.ts';
import type { DataRecord } from '../../src/core/record.ts';
import type { Column } from '../../src/datasets/column-types.ts';
import { encodeBatch } from '../../src/datasets/encode-columns.ts';
import { ShardInvalid } from '../../src/datasets/errors.ts';
import type { ReadLimits } from '../../src/datasets/parquet-reader.ts';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { verifiedRows, verifyShard } from '../../src/datasets/verify-shard.ts';
import { sampleRecord, sampleRecords } from './records.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();
const good = join(dir, 'good.parquet');
let entry: ShardEntry;
let bytes: Buffer;

beforeAll(async () => {
  entry = await writeShard(sampleRecords(50), good);
  bytes = readFileSync(good);
});

describe('a shard that is not what its manifest says', () => {
  it.each<[string, string, (entry: ShardEntry) => Partial<ShardEntry>]>([
    ['another digest', 'digest', () => ({ sha256: '00'.repeat(32) })],
    ['another size', 'row_count', (e) => ({ bytes: e.bytes + 1 })],
    ['fewer rows', 'row_count', (e) => ({ rows: e.rows - 1 })],
    ['more rows', 'row_count', (e) => ({ rows: e.rows + 1 })],
    ['another tree', 'rows_root', () => ({ rows_root: '00'.repeat(32) })],
    ['an earlier first time', 'rows_root', (e) => ({ min_created_at: (e.min_created_at ?? 0) - 1 })],
    ['no last time', 'rows_root', () => ({ max_created_at: null })],
  ])('%s: %s', async (_, reason, changes) => {
    await expectFault(verifyShard(good, { ...entry, ...changes(entry) }), reason);
  });

  it('more rows than stated, streamed: no row beyond the stated ones is handed out', async () => {
    let seen = 0;
    const stream = async (): Promise<void> => {
      for await (const { leaf } of verifiedRows(good, { ...entry, rows: 20 })) seen += leaf.length / 32;
    };
    await expectFault(stream(), 'row_count');
    expect(seen).toBe(20);
  });

  it('tampered bytes under the old digest: digest', async () => {
    const path = join(dir, 'tampered.parquet');
    const tampered = Buffer.from(bytes);
    tampered[bytes.length >> 1]! ^= 1;
    writeFileSync(path, tampered);
    await expectFault(verifyShard(path, entry), 'digest');
  });

  it('rows out of order, honestly named: order', async () => {
    await expectFault(verifyRows([sampleRecord(2), sampleRecord(1)]), 'order');
  });

  it('an id twice, honestly named: order', async () => {
    await expectFault(verifyRows([sampleRecord(1), sampleRecord(1)]), 'order');
  });
});

describe('bytes that are no shard', () => {
  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['nothing', () => new Uint8Array()],
    ['four bytes', () => Buffer.from('PAR1')],
    ['text', () => Buffer.from('<html>not found</html>'.repeat(50))],
    ['a footer of nonsense', () => Buffer.from('PAR1xxxxxxxxxxxx\u0008\0\0\0PAR1', 'latin1')],
    ['a file without its end', (all) => all.subarray(0, all.length - 1)],
    ['the first half', (all) => all.subarray(0, all.length >> 1)],
    ['a file without its start', (all) => all.subarray(100)],
    ['pages overwritten', (all) => Buffer.concat([all.subarray(0, 20), Buffer.alloc(200, 0xff), all.subarray(220)])],
  ])('%s: truncated', async (_, make) => {
    await expectFault(readAll(make(bytes)), 'truncated');
  });

  it('bytes changed anywhere give a fault or rows, and the next shard is read as if nothing had been', async () => {
    for (let at = 5; at < bytes.length; at += Math.floor(bytes.length / 25)) {
      const changed = Buffer.from(bytes);
      changed.fill(0xa5, at, at + 4);
      const outcome = await readAll(changed).catch((error: unknown) => error);
      if (!Array.isArray(outcome)) expect(outcome).toBeInstanceOf(ShardInvalid);
    }
    expect(await readAll(bytes)).toEqual(sampleRecords(50));
  });
});

describe('another schema', () => {
  const rows = sampleRecords(3) as unknown as Record<string, unknown>[];
  const changed = (name: string, change: (column: Column) => Column): readonly Column[] =>
    RECORD_COLUMNS.map((column) => (column.name === name ? change(column) : column));

  it.each<[string, readonly Column[], (row: Record<string, unknown>) => Record<string, unknown>]>([
    ['a column less', RECORD_COLUMNS.slice(0, -1), (row) => row],
    [
      'a column more',
      [...RECORD_COLUMNS, { name: 'more', type: 'text', nullable: true }],
      (row) => ({ ...row, more: 'x' }),
    ],
    ['columns in another order', [...RECORD_COLUMNS].reverse(), (row) => row],
    [
      'a column of another name',
      changed('lang', (c) => ({ ...c, name: 'language' })),
      (row) => ({ ...row, language: row['lang'] }),
    ],
    [
      'plain text in place of words',
      changed('source', (c) => ({ name: c.name, nullable: false, type: 'text' })),
      (row) => row,
    ],
    [
      'an integer in place of a time',
      changed('scraped_at', (c) => ({ name: c.name, nullable: false, type: 'int64' })),
      (row) => row,
    ],
    [
      'a list of another element',
      changed('tags', (c) => ({
        name: c.name,
        nullable: false,
        type: 'list',
        of: { name: 'item', type: 'text', nullable: true },
      })),
      (row) => row,
    ],
  ])('%s: schema', async (_, columns, change) => {
    const path = join(dir, 'schema.parquet');
    const kept = new Set(columns.map((column) => column.name));
    const trimmed = rows.map((row) =>
      Object.fromEntries(Object.entries(change(row)).filter(([name]) => kept.has(name))),
    );
    await writeParquet(path, columns, trimmed);
    await expectFault(readAll(path), 'schema');
  });

  it('columns that only call themselves nullable are read', async () => {
    const path = join(dir, 'nullable.parquet');
    await writeParquet(
      path,
      RECORD_COLUMNS.map((column) => ({ ...column, nullable: true })),
      sampleRecords(3),
    );
    expect(await readAll(path)).toEqual(sampleRecords(3));
  });
});

describe('rows that break the record format', () => {
  it.each<[string, unknown]>([
    ['null where none may be', { url: null }],
    ['an unknown source', { id: 'gopher:1', source: 'gopher' }],
    ['an id of another source', { id: 'x:1' }],
    ['a digest that is none', { fetch: { ...sampleRecord(1).fetch, body_sha256: 'no' } }],
  ])('%s: row_invalid', async (_, changes) => {
    const path = join(dir, 'row.parquet');
    const loose = RECORD_COLUMNS.map((column) => ({ ...column, nullable: true }));
    await writeParquet(path, loose, [{ ...sampleRecord(1), ...(changes as object) }]);
    await expectFault(readAll(path), 'row_invalid');
  });

  it.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n])('a time of %i: row_invalid', async (time) => {
    const batch = encodeBatch(RECORD_COLUMNS, sampleRecords(2) as unknown as Record<string, unknown>[]);
    (batch.getChild('scraped_at')!.data[0]!.values as unknown as BigInt64Array)[1] = time;
    const table = Table.fromIPCStream(RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true));
    await expectFault(readAll(encodeParquet(table)), 'row_invalid');
  });
});

describe('limits', () => {
  it.each<[string, ReadLimits]>([
    ['bytes', { maxBytes: 1000 }],
    ['rows', { maxRows: 49 }],
    ['memory', { maxRssBytes: 2 ** 25 }],
  ])('more %s than allowed: too_large', async (_, limits) => {
    await expectFault(readAll(bytes, limits), 'too_large');
    await expectFault(readAll(good, limits), 'too_large');
  });

  it('a file that unpacks to a hundred times its size and more: too_large, before it is all unpacked', async () => {
    const path = join(dir, 'bomb.parquet');
    const text = 'a'.repeat(2 ** 20);
    await writeParquet(
      path,
      RECORD_COLUMNS,
      Array.from({ length: 100 }, (_, number) => sampleRecord(number, { text })),
    );
    expect(statSync(path).size * 1000).toBeLessThan(100 * 2 ** 20);
    let rows = 0;
    const reading = async (): Promise<void> => {
      for await (const row of readShard(path)) rows += row.tags.length >= 0 ? 1 : 0;
    };
    await expectFault(reading(), 'too_large');
    expect(rows).toBeLessThan(100);
    await expectFault(readAll(path, { maxUnpackedBytes: 2 ** 30, maxRssBytes: 100 * 2 ** 20 }), 'too_large');
    expect(await readAll(good)).toHaveLength(50);
  });

  it('columns nested to a depth that breaks parsers: refused, and the next file is read', async () => {
    const nest = (depth: number): Column =>
      depth === 0
        ? { name: 'a', type: 'text', nullable: false }
        : { name: 'a', type: 'struct', nullable: false, fields: [nest(depth - 1)] };
    const value = (depth: number): unknown => (depth === 0 ? 'x' : { a: value(depth - 1) });
    const path = join(dir, 'nested.parquet');
    await writeParquet(path, [nest(60)], [{ a: value(60) }]);
    await expectFault(readAll(path), 'schema');
    expect(await readAll(good)).toHaveLength(50);
  });

  it('many files at once, sound and not, each get their own answer', async () => {
    const half = bytes.subarray(0, bytes.length >> 1);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, number) =>
        readAll(number % 2 === 0 ? good : half).then(
          (rows) => rows.length,
          (error: unknown) => (error as ShardInvalid).reason,
        ),
      ),
    );
    expect(outcomes).toEqual([50, 'truncated', 50, 'truncated', 50, 'truncated']);
  });

  it('a file that takes too long is no fault of the shard', async () => {
    await expect(readAll(bytes, { timeoutMs: 0 })).rejects.toMatchObject({ name: 'ShardReadTimeout', remedy: 'retry' });
  });
});

async function readAll(input: string | Uint8Array, limits: ReadLimits = {}): Promise<DataRecord[]> {
  const rows: DataRecord[] = [];
  for await (const row of readShard(input, limits)) rows.push(row);
  return rows;
}

/** Verifies rows that no honest writer writes, under an entry that names their true digest and size. */
async function verifyRows(rows: DataRecord[]): Promise<unknown> {
  const path = join(dir, 'dishonest.parquet');
  await writeParquet(path, RECORD_COLUMNS, rows);
  const content = readFileSync(path);
  return await verifyShard(path, { ...entry, sha256: sha256Hex(content), bytes: content.length, rows: rows.length });
}

async function expectFault(reading: Promise<unknown>, reason: string): Promise<void> {
  await expect(reading).rejects.toMatchObject({ name: 'ShardInvalid', reason });
}
