import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOutbox } from '../../src/commit/outbox.ts';
import { crawlJobOf } from '../../src/core/crawl-job.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';
import { cloneRoot } from '../../stack/parts.ts';
import { stopMarked } from '../../stack/process-group.ts';
import { freePorts } from '../../stack/ports.ts';
import { redisUrl } from '../../stack/redis.ts';
import { temporalAddress } from '../../stack/temporal.ts';
import { WORKER_HOTKEY } from '../support/crawl-worker-hotkey.ts';
import { sealedRows } from '../support/sealed-rows.ts';
import { startCrawlSite } from '../support/crawl-site.ts';
import type { CrawlSite } from '../support/crawl-site.ts';

const PAGES = 20_000;
const BATCH_PAGES = 200;
const PARALLEL = 2;
/** Who is killed, in an order and at moments that the seed decides. */
const VICTIMS = ['worker-1', 'worker-2', 'redis-state', 'temporal', 'launcher'].flatMap((name) =>
  Array<string>(4).fill(name),
);
const SEED = 20_261_122;

let dir: string;
let site: CrawlSite;
let ports: number[];
let launcher: ChildProcess;

beforeAll(async () => {
  const parent = join(cloneRoot, '.seine', 'test');
  mkdirSync(parent, { recursive: true });
  dir = mkdtempSync(join(parent, 'kills-'));
  site = await startCrawlSite(PAGES);
  ports = await freePorts([16_380, 17_233, 18_233]);
  launch();
}, 120_000);

afterAll(async () => {
  launcher.kill('SIGKILL');
  await stopMarked(dir, 5000);
  await site.close();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

it(
  `crawls ${PAGES} pages, each exactly once, with ${VICTIMS.length} kills of its worker, Redis, Temporal and launcher`,
  async () => {
    const workflowId = 'crawl-with-kills';
    await untilDone(async () => {
      await start(workflowId);
      return true;
    });

    const random = randomOf(SEED);
    const victims = shuffled(VICTIMS, random);
    for (const [place, victim] of victims.entries()) {
      await momentOfCrawl(1000 + random() * 5000, (PAGES * (place + 1)) / (victims.length + 1));
      // Else the kill would be none of a crawl.
      expect(site.hits.size, `pages fetched when ${victim} is killed`).toBeLessThan(PAGES);
      kill(victim);
    }
    await untilDone(async () => (await status(workflowId)) === 'COMPLETED');

    const redis = await connectRedis(redisUrl(ports[0]));
    try {
      const stats = await createFrontier({ redis, hotkey: WORKER_HOTKEY, crawl: 'kills' }).stats();
      expect(stats).toMatchObject({ queued: 0, leased: 0, reasons: {}, pages: PAGES, records: PAGES });
      const outbox = createOutbox({ redis, hotkey: WORKER_HOTKEY });
      expect(await outbox.counts()).toEqual({ rows: PAGES, duplicates: 0 });
      const store = createFileStore(join(dir, 'objects'));
      const urls = (await sealedRows({ outbox, store, job: 'kills' })).map(({ url }) => url);
      expect(urls).toHaveLength(PAGES);
      expect(new Set(urls)).toEqual(new Set([...site.hits.keys()].map((path) => `http://${site.host}${path}`)));
    } finally {
      redis.disconnect();
    }
    const requests = [...site.hits.values()].reduce((sum, count) => sum + count, 0);
    expect(requests - PAGES).toBeLessThanOrEqual(VICTIMS.length * PARALLEL * BATCH_PAGES);
  },
  15 * 60_000,
);

/** Waits so long, or until so many pages were fetched: however quick a machine is, all kills are in the middle of its crawl. */
async function momentOfCrawl(waitMs: number, pages: number): Promise<void> {
  const endsAt = performance.now() + waitMs;
  while (performance.now() < endsAt && site.hits.size < pages) await sleep(20);
}

function launch(): void {
  const script = fileURLToPath(new URL('../support/crawl-launcher.ts', import.meta.url));
  launcher = spawn(process.execPath, ['--import', 'tsx', script, dir, ...ports.map(String)], { stdio: 'ignore' });
}

function kill(victim: string): void {
  if (victim === 'launcher') {
    launcher.kill('SIGKILL');
    launch();
    return;
  }
  const pids = JSON.parse(readFileSync(join(dir, 'pids.json'), 'utf8')) as Record<string, number>;
  const pid = pids[victim];
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It is down at this moment, by an earlier kill of the launcher.
  }
}

async function start(workflowId: string): Promise<void> {
  const wanted = {
    id: 'kills',
    source: 'web' as const,
    seeds: [site.url],
    hosts: [site.host],
    allow_private: [site.host],
  };
  const job = crawlJobOf({ ...wanted, max_pages: PAGES * 2, pool: 'data', weight_ppm: 1_000_000 });
  const politeness = { ...job.politeness, delay_ms: 0 };
  await withClient((client) =>
    client.workflow.start('scrapeSource', {
      workflowId,
      taskQueue: taskQueue(WORKER_HOTKEY, 'control'),
      args: [
        { hotkey: WORKER_HOTKEY, netuid: 1, job: { ...job, politeness }, batchPages: BATCH_PAGES, parallel: PARALLEL },
      ],
    }),
  );
}

async function status(workflowId: string): Promise<string> {
  return await withClient(async (client) => (await client.workflow.getHandle(workflowId).describe()).status.name);
}

async function withClient<T>(ask: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: temporalAddress(ports[1]), connectTimeout: 5000 });
  try {
    return await ask(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

/** Asks until it holds; what can't be asked now, because it was killed, is asked again. */
async function untilDone(asked: () => Promise<boolean>): Promise<void> {
  while (!(await asked().catch(() => false))) await sleep(1000);
}

/** Numbers in [0, 1) that the seed alone decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
