/**
 * How fast shards are written and verified, against pyarrow writing the same rows in the same run:
 *   node --import tsx test/bench/parquet.bench.ts [rows]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneRoot, readParts } from '../../stack/parts.ts';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { leafHash } from '../../src/core/hash/merkle.ts';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { verifyShard } from '../../src/datasets/verify-shard.ts';
import { sampleRecords } from '../datasets/records.ts';

const rows = sampleRecords(Number(process.argv[2] ?? 100_000));
const dir = mkdtempSync(join(tmpdir(), 'seine-bench-'));
const path = join(dir, 'shard.parquet');

async function rowsPerSecond(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (rows.length / (performance.now() - startedAt)) * 1000;
}

try {
  await writeShard(rows, path); // compiles what is measured
  const leaves = await rowsPerSecond(() => rows.forEach((row) => leafHash(canonicalRow(row))));
  const encode = await rowsPerSecond(() => writeParquet(path, RECORD_COLUMNS, rows));
  const write = await rowsPerSecond(() => writeShard(rows, path));
  const entry = await writeShard(rows, path);
  const verify = await rowsPerSecond(() => verifyShard(path, entry));

  writeFileSync(join(dir, 'rows.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const script = join(cloneRoot, 'test', 'bench', 'write_rows.py');
  const env = { ...process.env, PYTHONPATH: readParts().python?.packages };
  const answer = execFileSync('python3', [script, path, join(dir, 'rows.ndjson')], { env, encoding: 'utf8' });
  const peer = JSON.parse(answer) as { rows_per_second: number; bytes: number };

  const line = (name: string, speed: number): string =>
    `${name.padEnd(34)}${Math.round(speed).toLocaleString('en').padStart(10)} rows/s${(speed / peer.rows_per_second).toFixed(2).padStart(8)}`;
  console.log(`${rows.length} rows; last column: ratio to pyarrow from rows`);
  console.log(line('pyarrow from rows', peer.rows_per_second));
  console.log(line('Parquet alone', encode));
  console.log(line('canonical rows and leaves alone', leaves));
  console.log(line('writeShard (both, digest, fsync)', write));
  console.log(line('verifyShard', verify));
  console.log(`size: ${entry.bytes} bytes, ${(entry.bytes / peer.bytes).toFixed(2)} of pyarrow's`);
  console.log(`${(statSync(path).size / rows.length).toFixed(1)} bytes a row`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
