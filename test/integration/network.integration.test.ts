import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readParts } from '../../stack/parts.ts';
import { markedProcesses } from '../../stack/process-group.ts';
import { decodeCommitment } from '../../src/commit/commitment.ts';
import type { RunSummary } from '../../src/cli/summary/schema.ts';
import type { Evidence } from '../../src/scoring/evidence.ts';
import { checkEvidence } from '../../src/scoring/explain.ts';
import { createEvidenceLog } from '../../src/commit/evidence-log.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import type { OwnersDigest } from '../../src/dedup/owners-digest.ts';
import { connectRedis } from '../../src/redis/connect.ts';

/*
 * The main job as a user meets it: `seine start --keep --with inference`, looked at from outside while it is up. Every arrow of DESIGN.md's section 3 is
 * crossed here by the same processes that operators run; the models that miners serve are stand-ins, all around them is the product.
 */

const POLL = { timeout: 100_000, interval: 2000 };
const clone = fileURLToPath(new URL('../..', import.meta.url));
const runs = mkdtempSync(join(tmpdir(), 'seine runs '));
let network: ChildProcess;
let output = '';
let run: string;
let summary: RunSummary;

beforeAll(async () => {
  const main = join(clone, 'src', 'cli', 'main.ts');
  network = spawn(process.execPath, ['--import', 'tsx', main, 'start', '--keep', '--with', 'inference'], {
    cwd: clone,
    env: { ...process.env, SEINE_RUNS_DIR: runs },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  network.stdout?.on('data', collect);
  network.stderr?.on('data', collect);
  run = join(runs, 'latest');
  await new Promise<void>((resolve, reject) => {
    const timer = setInterval(() => {
      if (!output.includes('stays up until')) return;
      clearInterval(timer);
      resolve();
    }, 500);
    network.on('exit', (code) => {
      clearInterval(timer);
      reject(new Error(`seine start ended with ${code}:\n${output.slice(-4000)}`));
    });
  });
  summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as RunSummary;
}, 600_000);

afterAll(async () => {
  if (network.exitCode === null && network.signalCode === null) {
    const ended = new Promise((resolve) => network.once('exit', resolve));
    network.kill('SIGINT');
    await ended;
  }
  rmSync(runs, { recursive: true, force: true });
}, 60_000);

function python(script: string, args: readonly string[]): string {
  const packages = readParts().python?.packages ?? '';
  const result = spawnSync('python3', [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: packages },
  });
  if (result.status !== 0) throw new Error(`${script}: ${result.stderr}`);
  return result.stdout;
}

function datasetFiles(): string[] {
  return readdirSync(join(run, 'dataset', 'data')).map((name) => join(run, 'dataset', 'data', name));
}

async function evidence(validator: RunSummary['validators'][number]): Promise<Evidence[]> {
  const redis = await connectRedis(summary.urls['redis'] ?? '');
  const log = await createEvidenceLog({ redis, hotkey: validator.hotkey, netuid: 1 }).all();
  redis.disconnect();
  const store = createFileStore(join(run, 'home', 'operators', validator.hotkey.slice(0, 8), 'objects'));
  const bundles = await Promise.all(log.map(({ digest }) => store.get(digest)));
  return bundles.map((bytes) => JSON.parse(Buffer.from(bytes).toString()) as Evidence);
}

type Result = RunSummary['validators'][number]['results'][string];
type Served = RunSummary['validators'][number]['inference'][number];

/** A miner's part of the pool that pays data. */
function dataShare({ why }: Result): number {
  const reasons = why['data'];
  if (reasons === undefined) throw new Error('data is not paid');
  return reasons.curve_ppb / reasons.curve_total_ppb;
}

const uidOf = (name: string): number => summary.miners.find((miner) => miner.name === name)?.uid ?? -1;

describe('the summary', () => {
  it('holds to the schema beside it', () => {
    const schema = JSON.parse(readFileSync(join(run, 'summary.schema.json'), 'utf8')) as object;
    const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(schema);
    expect(validate(summary), JSON.stringify(validate.errors)).toBe(true);
  });

  it('shows what the honest miners scraped, committed and were paid for', () => {
    for (const miner of summary.miners.filter(({ name }) => name !== 'copier')) {
      expect(miner.records).toBeGreaterThan(50);
      expect(miner.pages).toBeLessThanOrEqual(300);
      expect(miner.commits.reduce((rows, commit) => rows + commit.rows, 0)).toBe(miner.records);
      for (const validator of summary.validators) {
        const result = validator.results[miner.uid];
        expect(result === undefined ? 0 : dataShare(result)).toBeGreaterThan(0.2);
        expect(result?.spot_checks.invalid).toBe(0);
        expect(result?.spot_checks.valid).toBeGreaterThan(20);
      }
    }
  });

  it('has weights that sum to one', () => {
    for (const { results } of summary.validators) {
      expect(Object.values(results).reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
    }
  });

  it('has reasons that give the weights', () => {
    for (const { results, inference } of summary.validators) {
      for (const [uid, result] of Object.entries(results)) {
        const { weight, score, why } = result;
        expect(Object.keys(why)).toEqual(['data']);
        // Half of the emission is for data, a quarter for each of the two tasks.
        const served = inference.filter((row) => row.uid === Number(uid)).reduce((sum, row) => sum + row.weight, 0);
        expect(weight).toBeCloseTo(dataShare(result) / 2 + served / 4, 3);
        for (const reasons of Object.values(why)) {
          if (reasons.formula !== 'seine') throw new Error(`scored by ${reasons.formula}`);
          const { payable_ppm: payable, sampled_ppm: sampled, unproven_ppm: unproven } = reasons;
          const proven = sampled === 0 ? payable : (payable * (sampled - unproven)) / sampled;
          const factors = [reasons.validity_ppm, reasons.credibility_ppm, reasons.regularity_ppm];
          const earned = factors.reduce((sum, factor) => (sum * factor) / 1e6, proven);
          expect(Math.abs(reasons.earned - earned)).toBeLessThan(5);
          expect(Math.abs(score - (earned * 0.3 + reasons.previous_score * 0.7))).toBeLessThan(5);
        }
      }
    }
  });
});

describe('the copier', () => {
  it('owns nothing that was anyone’s first and gets nothing', async () => {
    const copier = summary.miners.find(({ name }) => name === 'copier');
    expect(copier?.commits).toHaveLength(1);
    for (const validator of summary.validators) {
      const result = validator.results[copier?.uid ?? -1];
      expect(result?.rows_owned).toBeLessThanOrEqual(20);
      expect(result?.rejected['duplicate']).toBeGreaterThan(50);
      expect(result?.weight).toBeLessThan(0.01);
      const miners = (await evidence(validator)).flatMap((epoch) => epoch.miners);
      const verdicts = miners.filter((miner) => miner.hotkey === copier?.hotkey).flatMap((miner) => miner.verdicts);
      const wrong = verdicts.filter(({ id, verdict }) => id.includes('/invented-') || verdict === 'invalid');
      expect(wrong.length).toBeGreaterThanOrEqual(10);
      expect(wrong.every(({ verdict, reason }) => verdict !== 'valid' && reason !== '')).toBe(true);
    }
  });
});

describe('two validators', () => {
  // Each draws a sample of 30 rows of its own, of which the site has deleted or changed some 3 %. Pay follows the share that was seen: by sqrt(.03 x .97 / 30) =
  // 3 % of itself either way, which is .011 of a weight of a half. Two epochs smooth that to .009, between two validators it is .012. Beyond .05 it comes in one
  // run of ten thousand, by the binomial distributions themselves.
  it('agree on owners, and on weights as far as samples of 30 allow', async () => {
    const redis = await connectRedis(summary.urls['redis'] ?? '');
    const owners = (): Promise<OwnersDigest[]> =>
      Promise.all(
        summary.validators.map(({ hotkey }) =>
          createOwners({ redis, hotkey, renewedAfterBlocks: 216_000 }).snapshotDigest(),
        ),
      );
    expect((await owners())[0]?.keys).toBeGreaterThan(100);
    // Which rows both find invalid they tell each other as their epochs end.
    await expect.poll(async () => new Set((await owners()).map(({ digest }) => digest)).size, POLL).toBe(1);
    redis.disconnect();
    const [a, b] = summary.validators.map(({ results }) => results);
    for (const [uid, result] of Object.entries(a ?? {})) {
      const other = b?.[uid];
      expect(Math.abs(dataShare(result) - (other === undefined ? -1 : dataShare(other)))).toBeLessThanOrEqual(0.05);
    }
  });

  it('wrote evidence that recomputes', async () => {
    for (const validator of summary.validators) {
      const bundles = await evidence(validator);
      expect(bundles.length).toBeGreaterThanOrEqual(2);
      for (const bundle of bundles) expect(checkEvidence(bundle)).toEqual({ ok: true, problems: [] });
    }
  });
});

describe('inference', () => {
  it('pays the fast miner more than the slow one, and the one with another model nothing', () => {
    for (const { name, inference, results } of summary.validators) {
      const tasks = [...new Set(inference.map(({ task }) => task))];
      expect(tasks, name).toEqual(['stand-in-chat', 'stand-in-image']);
      const at = (miner: string, task: string): Served | undefined =>
        inference.find((row) => row.task === task && row.uid === uidOf(miner));
      for (const task of tasks) {
        // What a unit is worth is the miner's; how much of it is paid yet depends on when this validator first asked.
        expect(at('miner-1', task)?.worth, `${name}, ${task}`).toBeGreaterThan(at('miner-2', task)?.worth ?? Infinity);
        expect(at('miner-2', task)?.weight, `${name}, ${task}`).toBeGreaterThan(0);
        expect(at('copier', task)?.weight, `${name}, ${task}`).toBe(0);
      }
      const weightOf = (miner: string): number => results[uidOf(miner)]?.weight ?? -1;
      expect(weightOf('miner-1'), name).toBeGreaterThan(weightOf('miner-2'));
      expect(weightOf('miner-2'), name).toBeGreaterThan(weightOf('copier'));
      expect(weightOf('copier'), name).toBe(0);
    }
  });

  it('says in explain what was wrong with the answers of another model', () => {
    const file = readdirSync(join(run, 'evidence')).findLast((name) => name.startsWith('validator-1-'));
    const explained = seine('score', 'explain', join(run, 'evidence', file ?? ''), '--uid', String(uidOf('copier')));
    const said = JSON.stringify(explained.json);
    expect(said).toMatch(/unlikely_tokens|other_probabilities/);
    expect(said).toContain('other_image');
  });
});

describe('the dataset', () => {
  it('opens in pyarrow and DuckDB, with the rows that the summary counts and no id twice', () => {
    const judged = JSON.parse(python(join(clone, 'test', 'judges', 'read_dataset.py'), datasetFiles())) as object;
    expect(judged).toEqual({
      pyarrow: { rows: summary.dataset?.rows, ids: summary.dataset?.rows },
      duckdb: { rows: summary.dataset?.rows, ids: summary.dataset?.rows },
    });
  });

  it('has files with the digests that its manifest says', () => {
    const bytes = readFileSync(join(run, 'dataset', 'manifest.json'));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(summary.dataset?.manifest);
    const manifest = JSON.parse(bytes.toString()) as { files: { path: string; sha256: string }[] };
    expect(manifest.files.length).toBeGreaterThan(0);
    for (const { path, sha256 } of manifest.files) {
      const file = readFileSync(join(run, 'dataset', path));
      expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
    }
  });

  it('names commitments that an independent client reads from the chain', () => {
    const { commits } = JSON.parse(readFileSync(join(run, 'dataset', 'manifest.json'), 'utf8')) as {
      commits: { netuid: number; hotkey: string; block: number; manifest: string }[];
    };
    expect(commits.length).toBeGreaterThanOrEqual(2);
    const wanted = JSON.stringify(commits.map(({ hotkey, block }) => ({ hotkey, block })));
    const script = join(clone, 'test', 'judges', 'read_commitments.py');
    const read = JSON.parse(python(script, [summary.urls['chain'] ?? '', '1', wanted])) as string[];
    const digests = read.map((text) => {
      const decoded = decodeCommitment(text);
      return decoded.kind === 'manifest' ? decoded.manifest : null;
    });
    expect(digests).toEqual(commits.map(({ manifest }) => manifest));
  });
});

describe('Temporal', () => {
  it('lists the schedules and the completed workflows, by hotkey and by epoch', async () => {
    const connection = await Connection.connect({ address: summary.urls['temporal_grpc'] ?? '' });
    const client = new Client({ connection });
    const schedules = [];
    for await (const schedule of client.schedule.list()) schedules.push(schedule.scheduleId);
    const health = schedules.filter((id) => id.startsWith('health-'));
    const operators = [...summary.miners, ...summary.validators].filter(({ name }) => name !== 'copier');
    expect(health).toHaveLength(operators.length);
    expect(schedules).toHaveLength(health.length + summary.miners.length);
    const count = async (query: string): Promise<number> => (await client.workflow.count(query)).count;
    const [miner] = summary.miners;
    const completed = `ExecutionStatus = 'Completed'`;
    expect(
      await count(`${completed} AND WorkflowType = 'scrapeSource' AND SeineHotkey = '${miner?.hotkey}'`),
    ).toBeGreaterThan(0);
    const [validator] = summary.validators;
    const [first] = await evidence(validator as RunSummary['validators'][number]);
    const validated = `${completed} AND WorkflowType = 'validateEpoch' AND SeineEpoch = ${first?.epoch}`;
    expect(await count(validated)).toBe(2);
    for (const type of ['publishCommit', 'collectCommit', 'validateMiner', 'buildDataset']) {
      expect(await count(`${completed} AND WorkflowType = '${type}'`), type).toBeGreaterThan(0);
    }
    await connection.close();
  });
});

function seine(...args: string[]): { status: number | null; json: Record<string, unknown> } {
  return seineAs({}, ...args);
}

/** The command with settings of an operator's. */
function seineAs(
  env: Record<string, string>,
  ...args: string[]
): { status: number | null; json: Record<string, unknown> } {
  const main = join(clone, 'src', 'cli', 'main.ts');
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', main, '--json', ...args], {
    encoding: 'utf8',
    cwd: clone,
    env: { ...process.env, SEINE_RUNS_DIR: runs, ...env },
  });
  return { status, json: JSON.parse(stdout) as Record<string, unknown> };
}

describe('the command line', () => {
  it('verifies the dataset against the chain', () => {
    expect(seine('dataset', 'verify', join(run, 'dataset'))).toMatchObject({ status: 0, json: { ok: true } });
  });

  it('explains every weight from the evidence', () => {
    const files = readdirSync(join(run, 'evidence'));
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      expect(seine('score', 'explain', join(run, 'evidence', file))).toMatchObject({ status: 0, json: { ok: true } });
    }
  });
});

describe('the index of owners', () => {
  it('comes back from chain, shards and the signed log after the index was flushed, frontier and log untouched', async () => {
    const { urls } = JSON.parse(readFileSync(join(run, 'stack', 'stack.json'), 'utf8')) as {
      urls: { redisIndex: string; redisState: string };
    };
    const [index, state] = await Promise.all([connectRedis(urls.redisIndex), connectRedis(urls.redisState)]);
    const kept = async (): Promise<string[]> => {
      const names = (await state.keys('seine:*')).filter((name) => /:(?:frontier|verdicts):/.test(name)).sort();
      const dumps = await Promise.all(names.map((name) => state.dumpBuffer(name)));
      return names.map(
        (name, at) =>
          `${name} ${createHash('sha256')
            .update(dumps[at] ?? '')
            .digest('hex')}`,
      );
    };
    const validators = summary.validators.map(({ name }) => ({
      SEINE_HOME: join(run, 'home'),
      SEINE_DEV: 'true',
      SEINE_WALLET_DEV_SEED: `//Seine//${name}`,
    }));
    const digests = (): unknown[] => validators.map((env) => seineAs(env, 'index', 'stats', '--digest').json['digest']);

    const [before, untouched] = [digests(), await kept()];
    expect(untouched.length).toBeGreaterThan(4);
    for (const env of validators)
      expect(seineAs(env, 'index', 'verify')).toMatchObject({ status: 0, json: { ok: true } });
    await index.flushall();
    expect(digests()).not.toEqual(before);
    for (const env of validators) expect(seineAs(env, 'index', 'rebuild').status).toBe(0);
    expect(digests()).toEqual(before);
    expect(await kept()).toEqual(untouched);
    index.disconnect();
    state.disconnect();
  }, 300_000);
});

it('keeps logs where it says', () => {
  expect(existsSync(join(run, 'logs', 'miner-1.log'))).toBe(true);
});

it('leaves nothing behind once the stack is taken down, killed while all is up', async () => {
  const stackDir = join(realpathSync(run), 'stack');
  expect(seine('stack', 'down').json).toEqual({ stopped: [] });
  const ended = new Promise((resolve) => network.once('exit', resolve));
  network.kill('SIGKILL');
  await ended;
  expect(markedProcesses(stackDir).length).toBeGreaterThan(8);
  expect(seine('stack', 'down').json['stopped']).toHaveLength(4);
  expect(markedProcesses(stackDir)).toEqual([]);
}, 60_000);
