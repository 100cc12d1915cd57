import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchLine } from './lines.ts';
import { printTable } from './lines.ts';

/**
 * Runs one bench by its command line, `[--json] [--rows n]`, in a folder of its own that is removed afterwards, and prints its lines: a table,
 * or JSON.
 */
export async function runBench(
  defaultRows: number,
  bench: (rows: number, dir: string) => Promise<readonly BenchLine[]>,
): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, rows: { type: 'string' } } });
  const dir = mkdtempSync(join(tmpdir(), 'seine-bench-'));
  try {
    const lines = await bench(Number(values.rows ?? defaultRows), dir);
    console.log(values.json === true ? JSON.stringify(lines) : printTable(lines));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Whether this process, and all that it starts, has one core. */
export const ONE_CORE = process.env['BENCH_ONE_CORE'] === '1';
