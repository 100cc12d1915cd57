/**
 * What a validator's epoch costs by the number of miners and of rows, from shards in its store to weights, each epoch in a process of its own:
 *   node --import tsx test/bench/growth.bench.ts [--rows 1000000] [--json]
 * Compared are 8 miners and 64 with the same rows in all, and 64 miners with these rows and with ten times as many. CPU seconds count, not the
 * clock's, so that it matters little what else the machine does. Writing the shards is the miners' work and not counted.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cloneRoot } from '../../stack/parts.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import { runBench } from './bench-args.ts';
import type { EpochCost } from './epoch-once.ts';
import type { BenchLine } from './lines.ts';
import { peakOf } from './tree-memory.ts';
import { writeEpoch } from './write-epoch.ts';

const [FEW, MANY] = [8, 64];
const WARM_UP_ROWS = 5000;
/** What may be added to costs that go by rows, or by miners. */
const NEARLY = 1.25;
/** A commitment costs something by itself, which shows where its rows are few, as they are by default. */
const BY_ROWS_MOSTLY = 1.5;

type Cost = EpochCost & { peakBytes: number };

/** Writes an epoch's shards and validates it in a process of its own, with an empty index. */
async function costOf(at: { dir: string; port: number }, miners: number, count: number): Promise<Cost> {
  const dir = join(at.dir, `${miners}-${count}`);
  mkdirSync(dir);
  const store = createFileStore(join(dir, 'objects'));
  const warmUp = await writeEpoch(store, { miners: FEW, count: WARM_UP_ROWS, dir });
  const commits = await writeEpoch(store, { miners, count, dir });
  writeFileSync(join(dir, 'warm-up.json'), JSON.stringify(warmUp));
  writeFileSync(join(dir, 'commits.json'), JSON.stringify(commits));
  const cost = await validate(dir, at.port);
  if (cost.rows !== count) throw new Error(`${cost.rows} rows are owned, not ${count}`);
  rmSync(dir, { recursive: true });
  return cost;
}

async function validate(dir: string, port: number): Promise<Cost> {
  const script = join(cloneRoot, 'test', 'bench', 'epoch-once.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dir, `${port}`], {
    cwd: cloneRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const peak = peakOf(child);
  let cost: EpochCost | undefined;
  for await (const line of createInterface({ input: child.stdout })) cost = JSON.parse(line) as EpochCost;
  const peakBytes = await peak;
  if (cost === undefined) throw new Error('the epoch ended without a result; see above what it said');
  return { ...cost, peakBytes };
}

await runBench(40_000, async (count, dir) => {
  const servers = await startRedisServers(1);
  try {
    const at = { dir, port: servers.ports[0]! };
    const few = await costOf(at, FEW, count);
    const many = await costOf(at, MANY, count);
    const large = await costOf(at, MANY, 10 * count);
    return [...byMiners(many, few), ...byRows(large, many)];
  } finally {
    await servers.stop();
  }
});

function byMiners(many: Cost, few: Cost): BenchLine[] {
  const rows = many.rows.toLocaleString('en');
  const line = { peerName: `${FEW} miners`, isLimit: true };
  const cpu = (seconds: number): number => seconds * 1000;
  return [
    {
      ...{ ...line, name: `epoch of ${rows} rows, ${MANY} miners, CPU`, unit: 'µs/row', target: BY_ROWS_MOSTLY },
      ...{ ours: cpuPerRow(many), peer: cpuPerRow(few) },
    },
    {
      ...{ ...line, name: `scores and evidence of ${MANY} miners, CPU`, unit: 'ms', target: (NEARLY * MANY) / FEW },
      ...{ ours: cpu(many.scoringCpuSeconds), peer: cpu(few.scoringCpuSeconds) },
    },
    {
      ...{ ...line, name: `judging the samples of ${MANY} miners, CPU`, unit: 'ms', target: (NEARLY * MANY) / FEW },
      ...{ ours: cpu(many.checksCpuSeconds), peer: cpu(few.checksCpuSeconds) },
    },
  ];
}

function byRows(large: Cost, small: Cost): BenchLine[] {
  const name = `epoch of ${large.rows.toLocaleString('en')} rows`;
  const line = { peerName: `${small.rows.toLocaleString('en')} rows`, isLimit: true };
  const perRow = ({ indexBytes, rows }: Cost): number => indexBytes / rows;
  const megabytes = ({ peakBytes }: Cost): number => peakBytes / 2 ** 20;
  const perSecond = ({ rows, rowsSeconds }: Cost): number => rows / rowsSeconds;
  return [
    {
      ...{ ...line, name: `${name}, ${MANY} miners, CPU`, unit: 'µs/row', target: NEARLY },
      ...{ ours: cpuPerRow(large), peer: cpuPerRow(small) },
    },
    {
      ...{ ...line, name: `${name}, index`, unit: 'bytes/row', target: NEARLY },
      ...{ ours: perRow(large), peer: perRow(small) },
    },
    // One miner's rows of the epoch are in memory at a time: ten times as many here.
    {
      ...{ ...line, name: `${name}, peak RSS`, unit: 'MB', target: null },
      ...{ ours: megabytes(large), peer: megabytes(small) },
    },
    {
      ...{ peerName: line.peerName, name, unit: 'rows/s', target: null },
      ...{ ours: perSecond(large), peer: perSecond(small) },
    },
  ];
}

function cpuPerRow({ rowsCpuSeconds, rows }: Cost): number {
  return (rowsCpuSeconds / rows) * 1e6;
}
