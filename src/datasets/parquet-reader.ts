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

/** What to read of a file; all of it where nothing is said. */
export interface ReadPart {
  /** Names of columns: rows have no others then. */
  only?: readonly string[];
  /** Rows `start` up to, not including, `end`; only the row groups that hold them are unpacked. */
  rows?: { start: number; end: number };
}

/** Rows are unpacked in batches of about this size: small beside the memory limit and the time that others may wait, large beside what a batch costs. */
const BATCH_BYTES = 8 * 2 ** 20;
const MAX_BATCH_ROWS = 1024;
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
  limits: ReadLimits & ReadPart = {},
): AsyncGenerator<Record<string, unknown>[]> {
  const { only } = limits;
  const wanted = only === undefined ? columns : columns.filter(({ name }) => only.includes(name));
  const maxRows = limits.maxRows ?? MAX_SHARD_ROWS;
  const path = typeof input === 'string' ? input : join(tmpdir(), `seine-${randomUUID()}.parquet`);
  try {
    const sizeBytes = typeof input === 'string' ? (await stat(path)).size : input.byteLength;
    assertSize(sizeBytes, limits);
    if (typeof input !== 'string') await writeFile(path, input, { flag: 'wx', mode: 0o600 });
    const maxUnpackedBytes = limits.maxUnpackedBytes ?? Math.max(sizeBytes * MAX_RATIO, 2 ** 26);
    let part: PlannedPart = NOTHING;
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
      part: () => ({ groups: part.groups, columns: only === undefined ? null : wanted.map(({ name }) => name) }),
    })) {
      if (frame.kind === 'open') {
        assertSchema(columns, tableFromIPC(frame.schema).schema);
        // Some readers would stop here, others read what there is.
        if (frame.rows < 1) throw new ShardInvalid('row_count', 'the footer says that there are no rows');
        if (frame.rows > maxRows)
          throw new ShardInvalid('too_large', `${frame.rows} rows; at most ${maxRows} are read`);
        part = planPart(frame, limits.rows);
        continue;
      }
      unpackedBytes += frame.message.length;
      assertUnpacked();
      for (const batch of batchesOf(frame.message)) {
        unpackedBytes += wordBytes(wanted, batch);
        assertUnpacked();
        const first = part.first + rows;
        rows += batch.numRows;
        if (rows > maxRows) throw new ShardInvalid('too_large', `more than ${maxRows} rows`);
        const decoded = [...decodeBatch(wanted, batch)];
        yield limits.rows === undefined ? decoded : within(decoded, first, limits.rows);
      }
    }
    if (rows !== part.rows) throw new ShardInvalid('row_count', `the footer says ${part.rows} rows, there are ${rows}`);
  } finally {
    if (typeof input !== 'string') await rm(path, { force: true });
  }
}

/** Row groups to unpack, the number of their first row, and how many rows they should hold. */
interface PlannedPart {
  groups: readonly number[];
  first: number;
  rows: number;
}

const NOTHING: PlannedPart = { groups: [], first: 0, rows: 0 };

function planPart(file: { rows: number; groups: readonly number[] }, range: ReadPart['rows']): PlannedPart {
  const all = file.groups.map((_, group) => group);
  if (range === undefined) return { groups: all, first: 0, rows: file.rows };
  let start = 0;
  const starts = file.groups.map((rows) => (start += rows) - rows);
  if (start !== file.rows) {
    throw new ShardInvalid('row_count', `the footer says ${file.rows} rows, and ${start} in its row groups`);
  }
  const groups = all.filter((group) => {
    const [first, rows] = [starts[group] as number, file.groups[group] as number];
    return first < range.end && first + rows > range.start;
  });
  const rows = groups.reduce((sum, group) => sum + (file.groups[group] as number), 0);
  return { groups, first: starts[groups[0] ?? 0] ?? 0, rows };
}

function within<T>(rows: readonly T[], first: number, { start, end }: { start: number; end: number }): T[] {
  return rows.slice(Math.max(start - first, 0), Math.max(end - first, 0));
}

/** The same row by row. */
export async function* readParquet(
  input: string | Uint8Array,
  columns: readonly Column[],
  limits: ReadLimits & ReadPart = {},
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
