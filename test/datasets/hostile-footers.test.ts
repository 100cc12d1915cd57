import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { ShardEntry } from '../../src/core/manifest.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import { queryDataset } from '../../src/datasets/query.ts';
import { readVersion } from '../../src/datasets/versions.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';
import { verifyShard } from '../../src/datasets/verify-shard.ts';
import { byTurns } from './contributions.ts';
import { replaced, withFooter, withStatedRows, withStatedValues } from './hostile-footer.ts';
import { sampleRecord, sampleRecords } from './records.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();
const rows = sampleRecords(50);
let entry: ShardEntry;
let bytes: Buffer;

beforeAll(async () => {
  const path = join(dir, 'good.parquet');
  entry = await writeShard(rows, path);
  bytes = readFileSync(path);
});

describe('a footer that lies about how many rows there are', () => {
  it.each<[string, string, (file: Buffer) => Buffer]>([
    ['one more', 'row_count', (file) => withStatedRows(file, 50, 51)],
    ['one less', 'row_count', (file) => withStatedRows(file, 50, 49)],
    ['none', 'row_count', (file) => withStatedRows(file, 50, 0)],
    ['as many as may be', 'row_count', (file) => withStatedRows(file, 50, 1_000_000)],
    ['one more than that', 'too_large', (file) => withStatedRows(file, 50, 1_000_001)],
    ['more than there are atoms', 'too_large', (file) => withStatedRows(file, 50, 2 ** 62)],
    ['one less in its group', 'row_count', (file) => withStatedValues(file, 50, 49)],
    ['a million in its group', 'row_count', (file) => withStatedValues(file, 50, 1_000_000)],
    ['one less everywhere', 'row_count', (file) => withStatedValues(withStatedRows(file, 50, 49), 50, 49)],
    ['none anywhere', 'row_count', (file) => withStatedValues(withStatedRows(file, 50, 0), 50, 0)],
    ['fewer than none', 'truncated', (file) => withStatedRows(file, 50, -1)],
  ])('%s: %s, whatever its manifest says', async (_, reason, change) => {
    const path = join(dir, 'rows.parquet');
    const changed = change(bytes);
    writeFileSync(path, changed);
    for (const stated of [49, 50, 51]) {
      const honest = { ...entry, sha256: sha256Hex(changed), bytes: changed.length, rows: stated };
      await expect(verifyShard(path, honest)).rejects.toMatchObject({ name: 'ShardInvalid', reason });
    }
    await expect(readAll(path)).rejects.toMatchObject({ name: 'ShardInvalid', reason });
  });

  it('a length of the footer that is more than the file, or nothing: truncated', async () => {
    for (const length of [0, bytes.length, 2 ** 31, 2 ** 32 - 1]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt32LE(length, bytes.length - 8);
      await expect(readAll(changed)).rejects.toMatchObject({ name: 'ShardInvalid', reason: 'truncated' });
    }
  });

  it('a footer that only begins, or is followed by another: truncated', async () => {
    const cut = withFooter(bytes, (footer) => footer.subarray(0, footer.length >> 1));
    await expect(readAll(cut)).rejects.toMatchObject({ name: 'ShardInvalid', reason: 'truncated' });
    const nothing = withFooter(bytes, () => Buffer.alloc(1));
    await expect(readAll(nothing)).rejects.toMatchObject({ name: 'ShardInvalid' });
  });
});

describe('statistics that contradict the rows', () => {
  const idOf = (number: number): Buffer => Buffer.from(sampleRecord(number).id);
  const timeOf = (micros: bigint): Buffer => {
    const plain = Buffer.alloc(8);
    plain.writeBigInt64LE(micros);
    return plain;
  };

  it.each<[string, (file: Buffer) => Buffer]>([
    ['a range that leaves rows out', (file) => replaced(replaced(file, idOf(49), idOf(3)), idOf(0), idOf(2))],
    ['a range that is empty', (file) => replaced(replaced(file, idOf(49), idOf(1)), idOf(0), idOf(9))],
    [
      'times of another year',
      (file) => withFooter(file, (footer) => replaced(footer, timeOf(1_763_000_000_000_001n), timeOf(1n))),
    ],
  ])('%s: the rows are what they are', async (_, change) => {
    const path = join(dir, 'statistics.parquet');
    const changed = change(bytes);
    expect(changed.equals(bytes)).toBe(false);
    writeFileSync(path, changed);
    const named = { ...entry, sha256: sha256Hex(changed), bytes: changed.length };
    expect((await verifyShard(path, named)).rows).toEqual(rows);
  });

  it('change no answer to a query', async () => {
    const folder = join(dir, 'dataset');
    const recipe = { name: 'docs', title: 'Docs', description: 'Rows for tests.', license: 'other', filters: {} };
    await buildDataset({ recipe, contributions: byTurns(rows), outDir: folder });
    const { manifest } = await readVersion(folder);
    const file = join(folder, manifest.files[0]!.path);
    const changed = replaced(replaced(readFileSync(file), idOf(49), idOf(3)), idOf(0), idOf(2));
    writeFileSync(file, changed);
    const sql = `SELECT (SELECT count(*) FROM rows WHERE id = '${rows[30]!.id}'), min(id), max(id) FROM rows`;
    const answer = await queryDataset(folder, manifest, sql);
    expect(answer.rows).toEqual([['1', rows[0]!.id, rows[49]!.id]]);
  });

  it('do make another reader leave rows out that trusts them, which is why they were tried', async () => {
    const changed = replaced(replaced(bytes, idOf(49), idOf(3)), idOf(0), idOf(2));
    const read = (file: Buffer): Promise<unknown[]> =>
      parquetReadObjects({
        file: new Uint8Array(file).buffer,
        compressors,
        columns: ['id'],
        filter: { id: { $eq: sampleRecord(30).id } },
      });
    expect(await read(bytes)).toHaveLength(1);
    expect(await read(changed)).toHaveLength(0);
  });
});

async function readAll(input: string | Uint8Array): Promise<DataRecord[]> {
  const all: DataRecord[] = [];
  for await (const row of readShard(input)) all.push(row);
  return all;
}
