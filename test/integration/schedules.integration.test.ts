import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CrawlBatchInput, CrawlReport } from '../../activities/scrape.ts';
import { runCli } from '../../src/cli/program.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import type { CrawlJob } from '../../src/core/crawl-job.ts';
import type { WantedJob } from '../../src/core/wanted.ts';
import { workflowBundle } from '../../temporal/bundle.ts';
import { connectClient, connectWorkers } from '../../temporal/client.ts';
import { scheduleWanted } from '../../temporal/job-schedules/wanted-schedules.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { createWorkers } from '../../temporal/worker.ts';
import type { Workers } from '../../temporal/worker.ts';
import { textSink } from '../cli/run.ts';
import { useStack } from '../support/stack.ts';

/* The commands against a real Temporal server; what they start crawls nothing, but says what it was asked to. */

const SEED = `//Schedules${Date.now()}`;
let dir: string;
let hotkey: string;
let client: Client;
let connection: NativeConnection;
let workers: Workers;
let running: Promise<void>;
const opened: CrawlJob[] = [];
/** Batches wait for it. */
let gate: Promise<void> = Promise.resolve();
let openGate = (): void => undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-schedules-'));
  hotkey = (await openDevelopmentKey({ uri: SEED, development: true })).address;
  const access = { address: useStack().temporal, namespace: 'default', tls: false, apiKey: null };
  [client, connection] = await Promise.all([connectClient(access), connectWorkers(access)]);
  await ensureSearchAttributes(client, 'default');
  const nothing = { manifest: null, rows: 0, duplicates: 0, waiting: [] };
  workers = await createWorkers({
    ...{ connection, namespace: 'default', hotkey, bundle: await workflowBundle(dir) },
    activities: { http: { openCrawl, crawlBatch }, data: { sealManifest: () => Promise.resolve(nothing) } },
  });
  running = workers.run();
}, 120_000);

afterEach(() => openGate());

afterAll(async () => {
  workers.shutdown();
  await running;
  await client.connection.close();
  await connection.close();
  await rm(dir, { recursive: true, force: true });
});

function openCrawl({ job }: { job: CrawlJob }): Promise<{ added: number }> {
  opened.push(job);
  return Promise.resolve({ added: 1 });
}

async function crawlBatch({ pages }: CrawlBatchInput): Promise<CrawlReport> {
  await gate;
  const remaining = { http: 9, browser: 0 };
  return { pages, records: pages, failed: {}, batch: null, remaining, hostsWaiting: 1, waitMs: null };
}

interface Ran {
  exitCode: number;
  stderr: string;
  json: unknown;
}

async function seine(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const [stdout, stderr] = [textSink(), textSink()];
  const exitCode = await runCli([...args, '--json'], {
    env: {
      ...{ HOME: dir, SEINE_DEV: '1', SEINE_WALLET_DEV_SEED: SEED, TEMPORAL_ADDRESS: useStack().temporal },
      ...{ SEINE_MINER_BATCH_PAGES: '4', ...env },
    },
    ...{ cwd: dir, clone: process.cwd(), stdout, stderr },
    terminal: { ask: () => Promise.resolve(null), piped: () => Promise.resolve(null) },
    interrupt: () => new AbortController().signal,
  });
  return { exitCode, stderr: stderr.text, json: JSON.parse(stdout.text) as unknown };
}

async function jobFile(id: string, more = ''): Promise<string> {
  await writeFile(
    join(dir, `${id}.toml`),
    `id = "${id}"\nsource = "web"\nseeds = ["http://${id}.example/"]\nlimits = { pages = 12 }\n${more}`,
  );
  return `${id}.toml`;
}

const listed = async (): Promise<string[]> =>
  ((await seine(['schedule', 'list'])).json as { job: CrawlJob }[]).map(({ job }) => job.id);

describe('seine schedule', () => {
  it('creates a schedule of a job file, and shows and lists it', async () => {
    const file = await jobFile(
      'nightly',
      '[schedule]\ncron = "0 3 * * *"\ntimezone = "Europe/Paris"\njitter = "10m"\n',
    );
    const dry = await seine(['schedule', 'create', file, '--dry-run']);
    expect(dry.json).toMatchObject({ done: false });
    expect((await seine(['schedule', 'show', 'nightly'])).exitCode).toBe(2);
    expect((await seine(['schedule', 'create', file])).json).toMatchObject({
      id: `scrape-1-${hotkey.slice(0, 8)}-nightly`,
      done: true,
    });
    const { json } = await seine(['schedule', 'show', 'nightly']);
    expect(json).toMatchObject({
      job: { id: 'nightly', hosts: ['nightly.example'], limits: { pages: 12 } },
      schedule: { cron: '0 3 * * *', timezone: 'Europe/Paris', jitter_seconds: 600 },
      ...{ origin: 'file', paused: false, taken: 0, last: null },
    });
    expect(new Date((json as { next: string }).next).getTime()).toBeGreaterThan(Date.now());
    await expect.poll(listed, { timeout: 30_000 }).toEqual(['nightly']);
    const again = await seine(['schedule', 'create', file]);
    expect(again.exitCode).toBe(2);
    expect(again.json).toMatchObject({ error: { name: 'ScheduleExists' } });
  });

  it('runs a job that is triggered, with all that its file says, and waits for it', async () => {
    await seine(['schedule', 'create', await jobFile('by-hand')]);
    const { exitCode, json, stderr } = await seine(['schedule', 'trigger', 'by-hand', '--wait']);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ started: true, result: { state: 'done', pages: 12, of: 12 } });
    expect(stderr).toContain('by-hand: ');
    expect(opened.find(({ id }) => id === 'by-hand')).toMatchObject({ seeds: ['http://by-hand.example/'] });
    expect((await seine(['schedule', 'show', 'by-hand'])).json).toMatchObject({ taken: 1, next: null });
  });

  it('starts no second run beside one, which can be steered', async () => {
    gate = new Promise((resolve) => (openGate = resolve));
    await seine(['schedule', 'create', await jobFile('steered')]);
    expect((await seine(['crawl', 'progress', 'steered'])).json).toMatchObject({ error: { name: 'NotCrawling' } });
    const first = await seine(['schedule', 'trigger', 'steered']);
    const { workflow_id: workflowId } = first.json as { workflow_id: string };
    expect((await seine(['schedule', 'trigger', 'steered'])).json).toEqual({
      ...{ job: 'steered', workflow_id: workflowId, started: false, result: null },
    });
    await expect
      .poll(async () => (await seine(['crawl', 'progress', 'steered'])).json)
      .toMatchObject({ state: 'crawling' });
    expect((await seine(['crawl', 'pause', 'steered'])).json).toMatchObject({ workflow_id: workflowId, done: true });
    expect((await seine(['crawl', 'progress', 'steered'])).json).toMatchObject({ state: 'paused' });
    expect((await seine(['crawl', 'drain', 'steered', '--dry-run'])).json).toMatchObject({ done: false });
    await seine(['crawl', 'resume', 'steered']);
    await seine(['crawl', 'drain', 'steered']);
    openGate();
    expect(await client.workflow.getHandle(workflowId).result()).toMatchObject({ draining: true, pages: 4 });
  });

  it('pauses and resumes', async () => {
    await seine(['schedule', 'create', await jobFile('paused', '[schedule]\nevery = "6h"\n')]);
    await seine(['schedule', 'pause', 'paused', '--note', 'site moves']);
    expect((await seine(['schedule', 'show', 'paused'])).json).toMatchObject({ paused: true, note: 'site moves' });
    await seine(['schedule', 'resume', 'paused']);
    expect((await seine(['schedule', 'describe', 'paused'])).json).toMatchObject({ paused: false, note: '' });
  });

  it('takes over what a file says now, and stays paused', async () => {
    await seine(['schedule', 'create', await jobFile('changed', '[schedule]\nevery = "6h"\n')]);
    await seine(['schedule', 'pause', 'changed']);
    const file = await jobFile('changed', '[schedule]\nevery = "1h"\nruns = 3\n[labels]\nteam = "a"\n');
    await seine(['schedule', 'update', file, '--dry-run']);
    expect((await seine(['schedule', 'show', 'changed'])).json).toMatchObject({ schedule: { every_seconds: 21_600 } });
    await seine(['schedule', 'update', file]);
    expect((await seine(['schedule', 'show', 'changed'])).json).toMatchObject({
      ...{ schedule: { every_seconds: 3600 }, job: { labels: { team: 'a' } }, paused: true, remaining: 3 },
    });
  });

  it('runs for the times of a span of the past, one after the other', async () => {
    await seine(['schedule', 'create', await jobFile('filled', '[schedule]\nevery = "1d"\n')]);
    const span = ['--from', '2026-03-01T00:30:00Z', '--until', '2026-03-04T00:30:00Z'];
    expect((await seine(['schedule', 'backfill', 'filled', ...span.slice(2), '--from', '2027-01-01'])).exitCode).toBe(
      2,
    );
    await seine(['schedule', 'backfill', 'filled', ...span]);
    await expect
      .poll(async () => (await seine(['schedule', 'show', 'filled'])).json, { timeout: 60_000 })
      .toMatchObject({ taken: 3, running: [] });
  });

  it('deletes', async () => {
    await seine(['schedule', 'create', await jobFile('gone', '[schedule]\nevery = "1d"\n')]);
    await seine(['schedule', 'delete', 'gone', '--dry-run']);
    expect((await seine(['schedule', 'show', 'gone'])).exitCode).toBe(0);
    await seine(['schedule', 'delete', 'gone']);
    const { exitCode, json } = await seine(['schedule', 'show', 'gone']);
    expect(exitCode).toBe(2);
    expect(json).toMatchObject({ error: { name: 'ScheduleUnknown' } });
    expect((json as { error: { message: string } }).error.message).toContain('nightly');
  });

  it('says how to start Temporal where it is away', async () => {
    const { exitCode, json } = await seine(['schedule', 'list'], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(exitCode).toBe(3);
    expect((json as { error: { message: string } }).error.message).toContain('seine stack up');
  });
});

describe('the schedule of a wanted job', () => {
  const wanted: WantedJob = {
    ...{ id: 'wanted', source: 'web', seeds: ['http://w.example/'], hosts: ['w.example'], allow_private: [] },
    ...{ max_pages: 5, pool: 'data', weight_ppm: 1 },
  };
  const options = () => ({ hotkey, netuid: 1, batchPages: 4, parallel: 1, seeds: [], everySeconds: 3600, runs: null });
  const shown = async (): Promise<unknown> => (await seine(['schedule', 'show', 'wanted'])).json;

  it('runs at once, and follows the list but keeps its interval', async () => {
    await scheduleWanted(client, options(), wanted);
    await expect.poll(shown).toMatchObject({ taken: 1, origin: 'wanted', job: { limits: { pages: 5 } } });
    await scheduleWanted(client, { ...options(), everySeconds: 60 }, { ...wanted, max_pages: 6 });
    expect(await shown()).toMatchObject({ schedule: { every_seconds: 3600 }, job: { limits: { pages: 6 } } });
    await scheduleWanted(client, options(), { ...wanted, max_pages: 6, until: '2099-01-01' });
    expect(await shown()).toMatchObject({ schedule: { until: '2099-01-01' } });
  });

  it('is left alone once a person made it their own', async () => {
    await seine(['schedule', 'update', await jobFile('wanted', '[schedule]\nevery = "2h"\n')]);
    await scheduleWanted(client, options(), wanted);
    expect(await shown()).toMatchObject({ origin: 'file', schedule: { every_seconds: 7200 } });
  });
});
