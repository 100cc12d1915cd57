import { InvalidInputError } from '../core/errors.ts';
import { itemsInSlices } from '../core/in-slices.ts';
import type { ShardEntry } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import { ShardInvalid } from './errors.ts';
import { fileDigest } from './file-digest.ts';
import type { ReadLimits } from './parquet-reader.ts';
import { readParquetBatches } from './parquet-reader.ts';
import { RECORD_COLUMNS } from './schema.ts';
import type { ShardSummary } from './shard-summary.ts';
import { summarise } from './shard-summary.ts';

/** Some 10 ms of checks, for which others wait. */
const ROWS_AT_ONCE = 250;

/** A row that has been checked, with its leaf in the row tree. */
export interface VerifiedRow {
  row: DataRecord;
  leaf: Uint8Array;
}

/**
 * Checks a shard against what its manifest says of it, and gives its rows and their leaves in shard order, all in memory: right for
 * what a miner is allowed in an epoch (50,000 rows).
 * @throws ShardInvalid with the first fault found, in the order: digest, size, schema, rows, order, tree, times
 * @throws ShardReadTimeout
 */
export async function verifyShard(
  path: string,
  entry: ShardEntry,
  limits: ReadLimits = {},
): Promise<{ rows: DataRecord[]; leaves: Uint8Array[] }> {
  const rows: DataRecord[] = [];
  const leaves: Uint8Array[] = [];
  for await (const { row, leaf } of verifiedRows(path, entry, limits)) {
    rows.push(row);
    leaves.push(leaf);
  }
  return { rows, leaves };
}

/**
 * The same row by row, in constant memory. Count, tree and times are known only at the end: act on no row before the iteration
 * has ended without an error.
 */
export async function* verifiedRows(
  path: string,
  entry: ShardEntry,
  limits: ReadLimits = {},
): AsyncGenerator<VerifiedRow> {
  const file = await fileDigest(path);
  if (file.sha256 !== entry.sha256) {
    throw new ShardInvalid('digest', `the bytes have digest ${file.sha256}, not ${entry.sha256}`, {
      found: file.sha256,
    });
  }
  if (file.bytes !== entry.bytes) {
    throw new ShardInvalid('row_count', `the manifest says ${entry.bytes} bytes, there are ${file.bytes}`);
  }
  const summary = summarise();
  let rows = 0;
  for await (const batch of readParquetBatches(path, RECORD_COLUMNS, limits)) {
    for await (const row of itemsInSlices(batch as unknown as DataRecord[], ROWS_AT_ONCE)) {
      if (++rows > entry.rows)
        throw new ShardInvalid('row_count', `the manifest says ${entry.rows} rows, there are more`);
      yield { row, leaf: leafOf(summary, row) };
    }
  }
  const found = summary.result();
  if (found.rows !== entry.rows) {
    throw new ShardInvalid('row_count', `the manifest says ${entry.rows} rows, there are ${found.rows}`);
  }
  for (const name of ['rows_root', 'min_created_at', 'max_created_at'] as const) {
    if (found[name] !== entry[name]) {
      throw new ShardInvalid('rows_root', `the manifest says ${name} is ${entry[name]}, it is ${found[name]}`);
    }
  }
}

function leafOf(summary: ShardSummary, row: DataRecord): Uint8Array {
  try {
    return summary.add(row);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const reason = 'before' in error.details ? 'order' : 'row_invalid';
    throw new ShardInvalid(reason, error.message, error.details, error);
  }
}
