/**
 * How long each hostile file takes to be refused, and the most memory that the process had which read it:
 *   node --import tsx test/bench/hostile.bench.ts [--json]
 * Aimed at: under a second and 256 MB. Memory is known on Linux only.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { withStatedRows, withStatedValues } from '../datasets/hostile-footer.ts';
import { runJudge } from '../datasets/odd-readers.ts';
import { sampleRecord, sampleRecords } from '../datasets/records.ts';

interface Refusal {
  name: string;
  /** The fault found; null where the file was read. */
  reason: string | null;
  tookMs: number;
  peakRssMb: number;
}

const dir = mkdtempSync(join(tmpdir(), 'seine-bench-'));
const crafted = join(dir, 'crafted');

async function write(): Promise<void> {
  mkdirSync(crafted);
  const good = join(dir, 'good.parquet');
  await writeShard(sampleRecords(20), good);
  const answer = JSON.parse(await runJudge('craft_shards.py', [good, crafted])) as { same: string[] };
  for (const name of answer.same) rmSync(join(crafted, `${name}.parquet`));

  const bytes = readFileSync(good);
  const keep = (name: string, content: Uint8Array): void => writeFileSync(join(crafted, `${name}.parquet`), content);
  keep('nothing', new Uint8Array());
  keep('first-half', bytes.subarray(0, bytes.length >> 1));
  keep('without-its-start', bytes.subarray(100));
  keep('bad-magic', Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARX')]));
  keep('overwritten-pages', Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(200, 0xff), bytes.subarray(220)]));
  for (const stated of [0, 19, 21, 1_000_000, 2 ** 62])
    keep(`stated-rows-${stated}`, withStatedRows(bytes, 20, stated));
  keep('stated-values', withStatedValues(bytes, 20, 1_000_000));
  const text = 'a'.repeat(2 ** 20);
  const rows = Array.from({ length: 300 }, (_, number) => sampleRecord(number, { text }));
  await writeParquet(join(crafted, 'bomb-of-300-megabytes.parquet'), RECORD_COLUMNS, rows);
}

/** Megabytes that the most demanding child of this process has had in memory so far. */
function peakOfChildrenMb(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const peaks = children.map((pid) => /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return Math.max(...peaks.map((peak) => Number(peak ?? 0))) / 1024;
  } catch {
    return 0; // it has just ended, or this is no Linux
  }
}

async function read(name: string): Promise<Refusal> {
  let peakRssMb = 0;
  const timer = setInterval(() => (peakRssMb = Math.max(peakRssMb, peakOfChildrenMb())), 2);
  const startedAt = performance.now();
  let reason: string | null = null;
  try {
    for await (const row of readShard(join(crafted, name))) if (row.id === '') throw new Error('no id');
  } catch (error) {
    reason = (error as { reason?: string }).reason ?? String(error);
  } finally {
    clearInterval(timer);
  }
  return { name, reason, tookMs: performance.now() - startedAt, peakRssMb };
}

try {
  await write();
  const refusals: Refusal[] = [];
  for (const name of readdirSync(crafted).sort()) refusals.push(await read(name));
  const slowestMs = Math.max(...refusals.map(({ tookMs }) => tookMs));
  const mostMb = Math.max(...refusals.map(({ peakRssMb }) => peakRssMb));
  const accepted = refusals.filter(({ reason }) => reason === null).length;
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ refusals, slowestMs, mostMb, accepted }));
  } else {
    for (const { name, reason, tookMs, peakRssMb } of refusals) {
      const figures = `${Math.round(tookMs)} ms`.padStart(9) + `${Math.round(peakRssMb)} MB`.padStart(9);
      console.log(`${name.replace('.parquet', '').padEnd(36)}${(reason ?? 'READ').padEnd(14)}${figures}`);
    }
    console.log(
      `slowest ${Math.round(slowestMs)} ms, most memory ${Math.round(mostMb)} MB, read though hostile: ${accepted}`,
    );
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
