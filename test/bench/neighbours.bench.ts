/**
 * Whether one huge and one slow miner keep a validator's other miners waiting, from a commitment's workflow to its result:
 *   node --import tsx test/bench/neighbours.bench.ts [--rows 45000] [--json], so many rows in each commitment of the huge miner
 * In turns: six ordinary miners alone; beside a slow one; and beside the slow one and a huge one, both of which were there before them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { ManifestCommit } from '../../src/commit/judged-commits.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { cloneRoot } from '../../stack/parts.ts';
import { startStack } from '../../stack/stack.ts';
import { connectClient } from '../../temporal/client.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { runBench } from './bench-args.ts';
import { startMiner } from './bench-miner.ts';
import { inTurns, median } from './in-turns.ts';
import type { BenchLine } from './lines.ts';
import type { ValidatorPart } from './neighbours-validator.ts';
import type { Step } from './workflow-steps.ts';
import { stepsOf } from './workflow-steps.ts';
import { distinctRecords } from './write-epoch.ts';

const ORDINARY = { miners: 6, rows: 1000 };
const HUGE_COMMITS = 3;
const SLOW_ROWS = 20_000;
/** Above the 50 KB/s below which a miner is given up. */
const SLOW_BYTES_PER_SECOND = 60_000;
/** By which time the huge miner's rows are being claimed. */
const HEAD_START_MS = 1500;
const ROUNDS = 3;
const VALIDATOR = '//Seine//bench-validator';

async function startValidator(part: ValidatorPart): Promise<{ stop: () => Promise<unknown> }> {
  const script = join(cloneRoot, 'test', 'bench', 'neighbours-validator.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(part)], {
    cwd: cloneRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  await Promise.race([
    once(lines, 'line'),
    ended.then(() => Promise.reject(new Error('the validator ended; see above what it said'))),
  ]);
  return {
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

interface Scene {
  client: Client;
  /** SS58 address of the validator. */
  hotkey: string;
  ordinary: ManifestCommit[];
  huge: ManifestCommit[];
  slow: ManifestCommit[];
  /** Has the slow miner be slow, or no longer. */
  setSlow: (isSlow: boolean) => void;
  /** Takes from the validator what it has of all rounds before. */
  forget: () => Promise<void>;
}

type Way = 'alone' | 'slow' | 'both';
let runs = 0;

/** One round, after one that is not counted: the milliseconds of the ordinary miners, and what their activities took. */
async function round(scene: Scene, way: Way): Promise<{ ms: number[]; steps: Map<string, Step>[] }> {
  const { client, hotkey } = scene;
  const collect = async (commit: ManifestCommit): Promise<{ workflowId: string; ms: number }> => {
    const workflowId = `bench-${process.pid}-${(runs += 1)}`;
    const startedAt = performance.now();
    const options = { workflowId, taskQueue: taskQueue(hotkey, 'control'), args: [{ hotkey, commit }] };
    const result: unknown = await client.workflow.execute('collectCommit', options);
    if (result !== 'accepted') throw new Error(`${commit.hotkey} was not accepted: ${String(result)}`);
    return { workflowId, ms: performance.now() - startedAt };
  };
  // So that what a round before has done to the validator's processes is not taken for this one's.
  await Promise.all(scene.ordinary.map(collect));
  await scene.forget();
  scene.setSlow(true);
  const others = [...(way === 'both' ? scene.huge : []), ...(way === 'alone' ? [] : scene.slow)].map(collect);
  await sleep(HEAD_START_MS);
  const done = await Promise.all(scene.ordinary.map(collect));
  scene.setSlow(false);
  await Promise.all(others);
  const steps = await Promise.all(done.map(({ workflowId }) => stepsOf(client, workflowId)));
  return { ms: done.map(({ ms }) => ms), steps };
}

async function measure(scene: Scene): Promise<BenchLine[]> {
  const steps: Record<Way, Map<string, Step>[]> = { alone: [], slow: [], both: [] };
  const latencies: Record<Way, number[]> = { alone: [], slow: [], both: [] };
  const timed = (way: Way) => async (): Promise<number> => {
    const found = await round(scene, way);
    steps[way].push(...found.steps);
    latencies[way].push(...found.ms);
    return median(found.ms) / 1000;
  };
  await inTurns({ alone: timed('alone'), slow: timed('slow'), both: timed('both') }, ROUNDS);
  // The first round is not counted. Of all others together, because a round's own median swings on a busy machine.
  const counted = <T>(all: T[]): T[] => all.slice(ORDINARY.miners);
  const of = (way: Way): number => median(counted(latencies[way]));
  const line = { unit: 'ms', peer: of('alone'), peerName: 'six alone', isLimit: true };
  const part = (way: Way, name: string, what: keyof Step): number =>
    median(counted(steps[way]).map((all) => all.get(name)?.[what] ?? 0));
  const parts = [
    ['waiting for an http place', 'fetchCommit', 'waitedMs'],
    ['fetching', 'fetchCommit', 'ranMs'],
    ['waiting for a data place', 'claimCommit', 'waitedMs'],
    ['verifying and claiming', 'claimCommit', 'ranMs'],
  ] as const;
  return [
    { ...line, name: 'six miners beside a slow one', ours: of('slow'), target: 1.2 },
    { ...line, name: 'six miners beside a slow and a huge one', ours: of('both'), target: 1.2 },
    ...parts.map(([name, activity, what]) => {
      const [ours, peer] = [part('both', activity, what), part('alone', activity, what)];
      return { ...line, name: `… of it ${name}`, ours, peer, target: null };
    }),
  ];
}

await runBench(45_000, async (count, dir) => {
  const stack = await startStack({
    ...{ dir: join(dir, 'stack'), chain: { blocks: 'instant' }, env: process.env, log: () => undefined },
  });
  const closing: (() => Promise<unknown>)[] = [() => stack.down()];
  try {
    const { temporal, redisIndex } = stack.urls;
    const rows = distinctRecords(ORDINARY.miners * ORDINARY.rows + HUGE_COMMITS * count + SLOW_ROWS);
    const miners = [];
    for (let uid = 0; uid < ORDINARY.miners + 2; uid++) {
      const [huge, slow] = [uid === ORDINARY.miners, uid === ORDINARY.miners + 1];
      const size = { count: huge ? count : slow ? SLOW_ROWS : ORDINARY.rows, commits: huge ? HUGE_COMMITS : 1 };
      const miner = await startMiner(dir, { rows, ...size }, { uid, block: 1000 + 10 * uid });
      closing.push(() => miner.close());
      miners.push(miner);
    }
    const ports = Object.fromEntries(miners.map(({ hotkey, port }) => [hotkey, port]));
    const home = join(dir, 'validator');
    mkdirSync(home);
    const client = await connectClient({ address: temporal, namespace: 'default', tls: false, apiKey: null });
    closing.push(() => client.connection.close());
    await ensureSearchAttributes(client, 'default');
    const redis = await connectRedis(redisIndex);
    closing.push(() => redis.quit());
    const validator = await startValidator({ uri: VALIDATOR, temporal, redisIndex, dir: home, ports });
    closing.push(validator.stop);
    const { address: hotkey } = await openDevelopmentKey({ uri: VALIDATOR, development: true });
    const [huge, slow] = miners.slice(ORDINARY.miners);
    return await measure({
      ...{ client, hotkey, huge: huge?.commits ?? [], slow: slow?.commits ?? [] },
      ordinary: miners.slice(0, ORDINARY.miners).flatMap(({ commits }) => commits),
      setSlow: (isSlow) => slow?.setRate(isSlow ? SLOW_BYTES_PER_SECOND : null),
      async forget() {
        rmSync(join(home, 'objects'), { recursive: true, force: true });
        await redis.flushall();
      },
    });
  } finally {
    for (const close of closing.reverse()) await close();
  }
});
