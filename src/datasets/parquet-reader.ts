import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { tableFromIPC } from 'apache-arrow';
import { messageOf } from '../core/errors.ts';
import type { Column } from './column-types.ts';
import { assertSchema, decodeBatch, wordBytes } from './decode-columns.ts';
import { ShardInvalid } from './errors.ts';
import { damaged, unpack } from './parquet-processes.ts';
import { MAX_SHARD_BYTES, MAX_SHARD_ROWS } from './schema.ts';

export interface ReadLimits {
  /** @default 536870912 */
  maxBytes?: number;
  /** @default 1000000 */
  maxRows?: number;
  /** Of the process that unpacks the file, 70 MB of its own included. @default 268435456 */
  maxRssBytes?: number;
  /** Of all rows as Arrow buffers, with words written out in each row. @default 100 times the size of the file, and at least 64 MB */
  maxUnpackedBytes?: number;
  /** For the whole file, and only while this process waits for it. @default 300000 */
  timeoutMs?: number;
}

/** Rows are unpacked in batches of about this size: small beside the memory limit, large beside what a batch costs. */
const BATCH_BYTES = 8 * 2 ** 20;
const MAX_BATCH_ROWS = 8192;
/** Posts and pages pack about 1:5; text that repeats itself all over, 1:50. */
const MAX_RATIO = 100;

/**
 * Rows of a Parquet file that nobody vouches for, unpacked in another process (see `unpack`), in batches as they come.
 * @throws ShardInvalid `schema`, `truncated`, `row_count`, `row_invalid` or `too_large`
 * @throws ShardReadTimeout
 */
export async function* readParquetBatches(
  input: string | Uint8Array,
  columns: readonly Column[],
  limits: ReadLimits = {},
): AsyncGenerator<Record<string, unknown>[]> {
  const maxRows = limits.maxRows ?? MAX_SHARD_ROWS;
  const path = typeof input === 'string' ? input : join(tmpdir(), `seine-${randomUUID()}.parquet`);
  try {
    const sizeBytes = typeof input === 'string' ? (await stat(path)).size : input.byteLength;
    assertSize(sizeBytes, limits);
    if (typeof input !== 'string') await writeFile(path, input, { flag: 'wx', mode: 0o600 });
    const maxUnpackedBytes = limits.maxUnpackedBytes ?? Math.max(sizeBytes * MAX_RATIO, 2 ** 26);
    let stated = 0;
    let rows = 0;
    let unpackedBytes = 0;
    const assertUnpacked = (): void => {
      if (unpackedBytes <= maxUnpackedBytes) return;
      throw new ShardInvalid('too_large', `${sizeBytes} bytes unpack to more than ${maxUnpackedBytes}`, { sizeBytes });
    };
    for await (const frame of unpack({
      path,
      batchBytes: BATCH_BYTES,
      maxBatchRows: MAX_BATCH_ROWS,
      maxRssBytes: limits.maxRssBytes ?? 2 ** 28,
      timeoutMs: limits.timeoutMs ?? 300_000,
    })) {
      if (frame.kind === 'open') {
        assertSchema(columns, tableFromIPC(frame.schema).schema);
        stated = frame.rows;
        // Some readers would stop here, others read what there is.
        if (stated < 1) throw new ShardInvalid('row_count', 'the footer says that there are no rows');
        if (stated > maxRows) throw new ShardInvalid('too_large', `${stated} rows; at most ${maxRows} are read`);
        continue;
      }
      unpackedBytes += frame.message.length;
      assertUnpacked();
      for (const batch of batchesOf(frame.message)) {
        unpackedBytes += wordBytes(columns, batch);
        assertUnpacked();
        rows += batch.numRows;
        if (rows > maxRows) throw new ShardInvalid('too_large', `more than ${maxRows} rows`);
        yield [...decodeBatch(columns, batch)];
      }
    }
    if (rows !== stated) throw new ShardInvalid('row_count', `the footer says ${stated} rows, there are ${rows}`);
  } finally {
    if (typeof input !== 'string') await rm(path, { force: true });
  }
}

/** The same row by row. */
export async function* readParquet(
  input: string | Uint8Array,
  columns: readonly Column[],
  limits: ReadLimits = {},
): AsyncGenerator<Record<string, unknown>> {
  for await (const rows of readParquetBatches(input, columns, limits)) yield* rows;
}

function assertSize(sizeBytes: number, { maxBytes = MAX_SHARD_BYTES }: ReadLimits): void {
  if (sizeBytes > maxBytes) throw new ShardInvalid('too_large', `${sizeBytes} bytes; at most ${maxBytes} are read`);
}

function batchesOf(message: Uint8Array): RecordBatch[] {
  try {
    return tableFromIPC(message).batches;
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
}
