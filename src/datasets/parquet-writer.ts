import { RecordBatchStreamWriter } from 'apache-arrow';
import { InvalidInputError } from '../core/errors.ts';
import type { Column } from './column-types.ts';
import { encodeBatch } from './encode-columns.ts';
import { openFileWriter } from './parquet-writer-threads.ts';
import { BATCH_ROWS } from './schema.ts';

/**
 * Writes rows as one Parquet file, batch by batch: zstd, a row group of 65,536 rows to each batch, the same bytes from the same
 * rows. The file is on disk (fsync) when the promise resolves; on error its remains are the caller's to remove.
 * @returns bytes that the rows take up in memory as Arrow buffers
 * @throws InvalidInputError for a value that isn't of its column's type, or where there are no rows
 */
export async function writeParquet(
  path: string,
  columns: readonly Column[],
  rows: AsyncIterable<object> | Iterable<object>,
): Promise<{ arrowBytes: number }> {
  let arrowBytes = 0;
  const writer = openFileWriter(path);
  try {
    for await (const batch of inBatches(rows)) {
      const encoded = encodeBatch(columns, batch as readonly Record<string, unknown>[]);
      arrowBytes += encoded.data.byteLength;
      await writer.write(RecordBatchStreamWriter.writeAll([encoded]).toUint8Array(true));
    }
    if (arrowBytes === 0) throw new InvalidInputError('a Parquet file has at least one row');
    await writer.end();
  } catch (error) {
    await writer.stop();
    throw error;
  }
  return { arrowBytes };
}

/** Slices of exactly 65,536 rows however they arrive; the last one may be shorter. */
async function* inBatches(rows: AsyncIterable<object> | Iterable<object>): AsyncGenerator<readonly object[]> {
  if (Array.isArray(rows)) {
    for (let start = 0; start < rows.length; start += BATCH_ROWS)
      yield rows.slice(start, start + BATCH_ROWS) as object[];
    return;
  }
  let batch: object[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length === BATCH_ROWS) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
