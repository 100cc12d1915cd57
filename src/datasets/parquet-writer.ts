import { open } from 'node:fs/promises';
import { RecordBatchStreamWriter } from 'apache-arrow';
import { InvalidInputError } from '../core/errors.ts';
import type { RecordBatch as WasmBatch } from 'parquet-wasm';
import { Compression, Table, WriterPropertiesBuilder, transformParquetStream } from 'parquet-wasm';
import type { Column } from './column-types.ts';
import { encodeBatch } from './encode-columns.ts';
import { BATCH_ROWS, WRITER } from './schema.ts';

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
  let failure: { error: unknown } | undefined;
  const batches = inBatches(rows);
  // An error inside the stream would be a panic in WebAssembly, which no caller can catch: the stream just ends, and the error
  // is thrown afterwards.
  const source = new ReadableStream<WasmBatch>({
    async pull(controller) {
      try {
        const next = await batches.next();
        if (next.done === true && arrowBytes === 0) throw new InvalidInputError('a Parquet file has at least one row');
        if (next.done === true) return controller.close();
        const batch = encodeBatch(columns, next.value as Record<string, unknown>[]);
        arrowBytes += batch.data.byteLength;
        const message = RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
        for (const wasm of Table.fromIPCStream(message).recordBatches()) controller.enqueue(wasm);
      } catch (error) {
        failure = { error };
        controller.close();
      }
    },
  });
  const file = await open(path, 'w');
  try {
    const output = (await transformParquetStream(source, writerProperties())) as ReadableStream<Uint8Array>;
    for await (const chunk of output) await file.writeFile(chunk);
    await file.sync();
  } catch (error) {
    failure ??= { error };
  } finally {
    await file.close();
    await batches.return(undefined);
  }
  if (failure !== undefined) throw failure.error;
  return { arrowBytes };
}

/** Slices of exactly 65,536 rows however they arrive; the last one may be shorter. */
async function* inBatches(rows: AsyncIterable<object> | Iterable<object>): AsyncGenerator<object[]> {
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

function writerProperties(): ReturnType<WriterPropertiesBuilder['build']> {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setCreatedBy(WRITER.createdBy)
    .setMaxRowGroupSize(BATCH_ROWS)
    .setDataPageSizeLimit(WRITER.pageBytes)
    .setDictionaryPageSizeLimit(WRITER.dictionaryPageBytes);
  for (const column of WRITER.withoutDictionary) builder = builder.setColumnDictionaryEnabled(column, false);
  return builder.build();
}
