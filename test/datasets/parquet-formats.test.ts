import { readShard } from '../../src/datasets/shard-reader.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { parquetContract } from '../contracts/parquet.ts';
import { readWithParquetjs, writeWithParquetjs } from '../support/parquetjs.ts';

async function readOurs(path: string): Promise<DataRecord[]> {
  const rows = [];
  for await (const row of readShard(path)) rows.push(row);
  return rows;
}

parquetContract('shards', { write: (path, rows) => writeShard(rows, path), read: readOurs });
parquetContract('parquetjs-lite', { write: writeWithParquetjs, read: readWithParquetjs }, ['times to the microsecond']);
