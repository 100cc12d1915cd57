/**
 * All benches, each in a process of its own, and one table at the end:
 *   node --import tsx test/bench/run.ts [--json] [--only name] [--rows n]
 * A bench measures ours and its peer in turns, so that the ratio holds on a busy machine too.
 */
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneRoot } from '../../stack/parts.ts';
import type { BenchLine } from './lines.ts';
import { isMet, printTable, ratioOf } from './lines.ts';

interface Bench {
  name: string;
  file: string;
  /** Runs with all its children on one core, where the system can do that. */
  oneCore?: true;
}

const BENCHES: readonly Bench[] = [
  { name: 'owners', file: 'owners' },
  { name: 'parquet', file: 'parquet' },
  { name: 'parquet-one-core', file: 'parquet', oneCore: true },
  { name: 'pipeline', file: 'pipeline' },
  { name: 'verify', file: 'verify', oneCore: true },
  { name: 'build', file: 'build' },
  { name: 'growth', file: 'growth' },
  { name: 'neighbours', file: 'neighbours' },
  { name: 'browser', file: 'browser' },
  { name: 'crawl', file: 'crawl' },
  { name: 'frontier', file: 'frontier' },
  { name: 'fetch', file: 'fetch' },
  { name: 'challenge', file: 'challenge' },
  { name: 'signatures', file: 'signatures' },
];

function run(bench: Bench, rows: string | undefined): Promise<BenchLine[]> {
  const file = join(cloneRoot, 'test', 'bench', `${bench.file}.bench.ts`);
  const args = ['--import', 'tsx', file, '--json', ...(rows === undefined ? [] : ['--rows', rows])];
  const [command, all] =
    bench.oneCore === true ? ['taskset', ['-c', '0', process.execPath, ...args]] : [process.execPath, args];
  const env = { ...process.env, BENCH_ONE_CORE: bench.oneCore === true ? '1' : '0' };
  return new Promise((resolve, reject) => {
    const child = spawn(command, all, { cwd: cloneRoot, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as BenchLine[]);
      else reject(new Error(`bench ${bench.name} ended with ${code}`));
    });
  });
}

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, rows: { type: 'string' } },
});
const chosen = BENCHES.filter(({ name, file }) => [undefined, name, file].includes(values.only));
if (chosen.length === 0) {
  console.error(`No bench ${values.only}; there are ${BENCHES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const lines: BenchLine[] = [];
for (const bench of chosen) {
  console.error(`${bench.name} …`);
  lines.push(...(await run(bench, values.rows)));
}
const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`;
if (values.json === true) {
  const results = lines.map((line) => ({ ...line, ratio: ratioOf(line), met: isMet(line) }));
  console.log(JSON.stringify({ machine, lines: results }, null, 2));
} else {
  console.log(`${machine}\n\n${printTable(lines)}`);
}
