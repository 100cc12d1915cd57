import { join } from 'node:path';
import { InvalidInputError, messageOf } from '../core/errors.ts';
import type { DatasetManifest } from './dataset-manifest.ts';

export interface QueryResult {
  columns: string[];
  /** Values as JSON holds them: 64-bit integers and times as text. */
  rows: unknown[][];
  /** Whether there were more rows than asked for. */
  truncated: boolean;
}

/**
 * Runs SQL over a dataset's rows with DuckDB, as the view `rows`. The query sees the dataset's files and nothing else: no other file, no
 * network, no extension.
 * @throws InvalidInputError with DuckDB's own words where it refuses the query
 */
export async function queryDataset(
  dir: string,
  manifest: DatasetManifest,
  sql: string,
  { limit = 1000, memoryMb = 1024 }: { limit?: number; memoryMb?: number } = {},
): Promise<QueryResult> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const files = manifest.files.map(({ path }) => quoted(join(dir, path)));
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: `${memoryMb}MB` });
  const connection = await instance.connect();
  try {
    await connection.run(`CREATE VIEW rows AS SELECT * FROM read_parquet([${files.join(', ')}])`);
    await connection.run(`SET allowed_paths = [${files.join(', ')}]`);
    // What a file says of its rows' ranges may be a lie, and rows would be left out by it: all are looked at.
    await connection.run("SET disabled_optimizers = 'filter_pushdown,statistics_propagation'");
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const reader = await connection.streamAndReadUntil(sql, limit + 1);
    const rows = reader.getRowsJson() as unknown[][];
    return { columns: reader.columnNames(), rows: rows.slice(0, limit), truncated: rows.length > limit };
  } catch (error) {
    throw new InvalidInputError(messageOf(error), { sql });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}
