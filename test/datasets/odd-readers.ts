import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { cloneRoot, readParts } from '../../stack/parts.ts';
import { messageOf } from '../../src/core/errors.ts';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';

/** The canonical rows that a reader sees in a file, or why it sees none. */
export type Seen = { rows: string[] } | { refused: string };

export async function byOurs(path: string): Promise<Seen> {
  return await seen(async () => {
    const rows: DataRecord[] = [];
    for await (const row of readShard(path)) rows.push(row);
    return rows;
  });
}

export async function byHyparquet(path: string): Promise<Seen> {
  const parsers = {
    timestampFromMicroseconds: (micros: bigint) => Number(micros) as unknown as Date,
    stringFromBytes: (bytes: Uint8Array | undefined) =>
      bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'),
  };
  return await seen(() =>
    parquetReadObjects({ file: new Uint8Array(readFileSync(path)).buffer, compressors, utf8: true, parsers }),
  );
}

export async function byDuckDb(path: string): Promise<Seen> {
  return await seen(async () => {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    try {
      const micros = 'epoch_us(created_at) AS created_at, epoch_us(scraped_at) AS scraped_at';
      const file = path.replaceAll("'", "''");
      const view = `SELECT * REPLACE (${micros}) FROM read_parquet('${file}')`;
      // As JSON, because the binding drops a byte order mark where a value begins.
      const answer = await connection.runAndReadAll(`SELECT to_json(v)::VARCHAR FROM (${view}) v`);
      return answer.getRows().map(([text]) => JSON.parse(text as string) as unknown);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

/** pyarrow, of several files at once: starting it takes longest. */
export async function byPyarrow(paths: readonly string[]): Promise<Seen[]> {
  const answers = JSON.parse(await runJudge('read_files.py', paths)) as { rows?: unknown[]; error?: string }[];
  return await Promise.all(
    answers.map(({ rows, error }) => seen(() => (rows === undefined ? Promise.reject(new Error(error)) : rows))),
  );
}

/** What a script in `test/judges` prints. */
export async function runJudge(script: string, args: readonly string[]): Promise<string> {
  const options = { env: { ...process.env, PYTHONPATH: readParts().python?.packages }, maxBuffer: 2 ** 28 };
  const { stdout } = await promisify(execFile)(
    'python3',
    [join(cloneRoot, 'test', 'judges', script), ...args],
    options,
  );
  return stdout;
}

async function seen(read: () => unknown[] | Promise<unknown[]>): Promise<Seen> {
  try {
    return { rows: (await read()).map((row) => canonicalRow(plainly(row) as DataRecord)) };
  } catch (error) {
    return { refused: messageOf(error) };
  }
}

/** 64-bit integers as numbers, and nothing as null. */
function plainly(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plainly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainly(item)]));
}
