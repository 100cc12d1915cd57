import { assertRow } from '../core/canonical-row.ts';
import { messageOf } from '../core/errors.ts';
import type { DataRecord } from '../core/record.ts';
import { ShardInvalid } from './errors.ts';
import type { ReadLimits } from './parquet-reader.ts';
import { readParquet } from './parquet-reader.ts';
import { RECORD_COLUMNS } from './schema.ts';

/**
 * The rows of a shard, from a path or bytes, read with distrust: exact schema, bounded size and rows, each row checked against
 * the record format. Order, digest and tree are `verifyShard`'s.
 * @throws ShardInvalid (any reason but `digest`, `order` and `rows_root`), ShardReadTimeout
 */
export async function* readShard(input: string | Uint8Array, limits: ReadLimits = {}): AsyncGenerator<DataRecord> {
  for await (const row of readParquet(input, RECORD_COLUMNS, limits)) yield checked(row);
}

// The schema has fixed the types and the decoder the nulls; `assertRow` checks what types can't say.
function checked(row: Record<string, unknown>): DataRecord {
  const record = row as unknown as DataRecord;
  try {
    assertRow(record);
  } catch (error) {
    throw new ShardInvalid('row_invalid', messageOf(error), {}, error);
  }
  return record;
}
