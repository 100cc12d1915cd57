import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordBatchStreamWriter } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Table, writeParquet as encodeParquet } from 'parquet-wasm';
import { describe, expect, it } from 'vitest';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { encodeBatch } from '../../src/datasets/encode-columns.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { verifyShard } from '../../src/datasets/verify-shard.ts';
import { ODD_ROWS, REFUSED } from '../datasets/odd-rows.ts';
import { sampleRecord } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';

const dir = tempDir();

describe('attack 17: split views', () => {
  it('odd rows are the same canonical rows for us and for another reader', async () => {
    const path = join(dir, 'odd.parquet');
    const entry = await writeShard(ODD_ROWS, path);
    const expected = ODD_ROWS.map((row) => canonicalRow(row));
    expect((await verifyShard(path, entry)).rows.map((row) => canonicalRow(row))).toEqual(expected);
    const file = new Uint8Array(readFileSync(path)).buffer;
    const parsers = {
      timestampFromMicroseconds: (micros: bigint) => Number(micros) as unknown as Date,
      stringFromBytes: (bytes: Uint8Array | undefined) =>
        bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'),
    };
    const theirs = await parquetReadObjects({ file, compressors, utf8: true, parsers });
    expect(theirs.map((row) => canonicalRow(plainly(row) as DataRecord))).toEqual(expected);
  });

  it.each(REFUSED)('a row with %s is refused before it is written', async (_, changes) => {
    const row = { ...sampleRecord(1), ...changes };
    await expect(writeShard([row], join(dir, 'refused.parquet'))).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  it('an integer beyond 2^53 in the file is refused, not rounded', async () => {
    const batch = encodeBatch(RECORD_COLUMNS, [sampleRecord(1)] as unknown as Record<string, unknown>[]);
    (batch.getChild('scraped_at')!.data[0]!.values as unknown as BigInt64Array)[0] = 2n ** 53n + 1n;
    const table = Table.fromIPCStream(RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true));
    const reading = async (): Promise<void> => {
      for await (const row of readShard(encodeParquet(table))) expect(row).toBeUndefined();
    };
    await expect(reading()).rejects.toMatchObject({ name: 'ShardInvalid', reason: 'row_invalid' });
  });

  it('text in the file that is no UTF-8 is refused, not repaired', async () => {
    const batch = encodeBatch(RECORD_COLUMNS, [sampleRecord(1)] as unknown as Record<string, unknown>[]);
    (batch.getChild('url')!.data[0]!.values as unknown as Uint8Array)[9] = 0xff;
    const message = RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
    const table = (() => {
      try {
        return Table.fromIPCStream(message);
      } catch {
        return null; // Arrow itself refuses to write it
      }
    })();
    if (table === null) return;
    const reading = async (): Promise<void> => {
      for await (const row of readShard(encodeParquet(table))) expect(row).toBeUndefined();
    };
    await expect(reading()).rejects.toMatchObject({ name: 'ShardInvalid' });
  });
});

/** 64-bit integers as numbers, and nothing as null. */
function plainly(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plainly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainly(item)]));
}
