import { InvalidInputError } from '../core/errors.ts';
import type { ShardEntry } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import { fileDigest } from './file-digest.ts';
import { writeParquet } from './parquet-writer.ts';
import { MAX_SHARD_BYTES, MAX_SHARD_ROWS, RECORD_COLUMNS } from './schema.ts';
import { summarise } from './shard-summary.ts';

/**
 * Writes one shard (DESIGN.md, "Shard") and gives its entry for the manifest. The same rows give the same bytes with the same
 * version of Seine. Rows must be unique and sorted by id as UTF-8 bytes (`sortRows`).
 * @throws InvalidInputError for rows out of order, invalid, none, or too many for one shard
 */
export async function writeShard(
  rows: AsyncIterable<DataRecord> | Iterable<DataRecord>,
  path: string,
): Promise<ShardEntry> {
  const summary = summarise();
  await writeParquet(
    path,
    RECORD_COLUMNS,
    passing(rows, (row) => summary.add(row)),
  );
  const { sha256, bytes } = await fileDigest(path);
  const result = summary.result();
  if (bytes > MAX_SHARD_BYTES)
    throw new InvalidInputError(`a shard has at most ${MAX_SHARD_BYTES} bytes, not ${bytes}`);
  return { sha256, bytes, ...result };
}

async function* passing(
  rows: AsyncIterable<DataRecord> | Iterable<DataRecord>,
  see: (row: DataRecord) => void,
): AsyncGenerator<DataRecord> {
  let count = 0;
  for await (const row of rows) {
    if (++count > MAX_SHARD_ROWS) throw new InvalidInputError(`a shard has at most ${MAX_SHARD_ROWS} rows`);
    see(row);
    yield row;
  }
}
