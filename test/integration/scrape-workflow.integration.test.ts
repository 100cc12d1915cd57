import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CrawlBatchInput, CrawlReport } from '../../activities/scrape.ts';
import type { SealResult } from '../../activities/seal.ts';
import { taskQueue } from '../../src/core/queues.ts';
import type { ScrapeProgress } from '../../workflows/scrape-progress.ts';
import type { ScrapeSourceInput, scrapeSource } from '../../workflows/scrape-source.ts';
import { crawlJob } from '../support/crawl-job.ts';
import { startTestWorkers } from '../support/test-workers.ts';
import type { TestWorkers } from '../support/test-workers.ts';

/** A machine that others use too takes its time. */
const PATIENT = { timeout: 30_000 };

/*
 * The workflow against a real Temporal server, with a crawl that is only counted. What a batch did is in the frontier before the batch is reported: a
 * worker that dies in between takes the report with it, and the run must end as if it had been heard.
 */

const HOTKEY = `Scrape${Date.now()}`;

/** What a job's frontier holds; every second page that HTTP gets turns out to need a browser. */
interface FakeCrawl {
  http: number;
  browser: number;
  /** Batches that came to work, reported or not. */
  batches: number;
  atOnce: number;
  mostAtOnce: number;
  sealed: number;
  /** Batches wait for it. */
  gate: Promise<void>;
  losesReports: boolean;
}

const crawls = new Map<string, FakeCrawl>();
let workers: TestWorkers;

beforeAll(async () => {
  workers = await startTestWorkers({
    hotkey: HOTKEY,
    activities: {
      http: { openCrawl: () => Promise.resolve({ added: 1 }), crawlBatch },
      browser: { crawlBatch },
      data: { sealManifest },
    },
  });
}, 120_000);

afterAll(() => workers.close());

function crawlOf(id: string): FakeCrawl {
  const crawl = crawls.get(id);
  if (crawl === undefined) throw new Error(`no crawl ${id}`);
  return crawl;
}

async function crawlBatch({ job, queue, pages }: CrawlBatchInput): Promise<CrawlReport> {
  const crawl = crawlOf(job.id);
  crawl.mostAtOnce = Math.max(crawl.mostAtOnce, (crawl.atOnce += 1));
  try {
    await crawl.gate;
    const taken = Math.min(pages, crawl[queue]);
    crawl[queue] -= taken;
    if (queue === 'http') crawl.browser += Math.floor(taken / 2);
    crawl.batches += 1;
    if (crawl.losesReports && crawl.batches % 2 === 1) throw new Error('the worker died');
    const remaining = { http: crawl.http, browser: crawl.browser };
    return {
      pages: taken,
      records: taken,
      failed: taken === 0 ? {} : { status_404: 1 },
      batch: null,
      remaining,
      hostsWaiting: 3,
      waitMs: null,
    };
  } finally {
    crawl.atOnce -= 1;
  }
}

function sealManifest({ job }: { job: string }): Promise<SealResult> {
  crawlOf(job).sealed += 1;
  return Promise.resolve({ manifest: null, rows: 5, duplicates: 2, waiting: [] });
}

async function start(id: string, crawl: Partial<FakeCrawl>, input: Partial<ScrapeSourceInput> = {}) {
  const none = { http: 0, browser: 0, batches: 0, atOnce: 0, mostAtOnce: 0, sealed: 0, losesReports: false };
  crawls.set(id, { ...none, gate: Promise.resolve(), ...crawl });
  const handle = await workers.client.workflow.start<typeof scrapeSource>('scrapeSource', {
    workflowId: `scrape-${HOTKEY}-${id}`,
    taskQueue: taskQueue(HOTKEY, 'control'),
    args: [{ hotkey: HOTKEY, netuid: 1, job: crawlJob(id), batchPages: 4, ...input }],
  });
  const latest = workers.client.workflow.getHandle<typeof scrapeSource>(handle.workflowId);
  return { handle, latest, progress: () => latest.query<ScrapeProgress>('progress'), crawl: crawlOf(id) };
}

/** A gate that is shut until it is opened. */
function gate(): { gate: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  return { gate: new Promise((resolve) => (open = resolve)), open: () => open() };
}

it('leaves no page behind when the reports of batches are lost', async () => {
  const { handle, crawl } = await start('lost', { http: 8, losesReports: true });
  await handle.result();
  expect(crawl).toMatchObject({ http: 0, browser: 0, sealed: 1 });
}, 60_000);

it('tells how far it is', async () => {
  const shut = gate();
  const { handle, progress } = await start('told', { http: 10, gate: shut.gate });
  await expect.poll(progress, PATIENT).toMatchObject({ state: 'crawling', pages: 0, of: 100 });
  shut.open();
  const done = await handle.result();
  expect(done).toMatchObject({ state: 'done', pages: 10, rendered: 5, records: 15, queued: 0, hostsWaiting: 3 });
  expect(done).toMatchObject({ sealed: 5, duplicates: 2, manifest: null, failed: { status_404: 5 }, draining: false });
});

it('fetches no more pages than the job allows', async () => {
  const { handle, crawl } = await start('bounded', { http: 50 }, { job: crawlJob('bounded', 10), parallel: 3 });
  expect(await handle.result()).toMatchObject({ pages: 10 });
  expect(crawl.http).toBe(40);
});

it('has several batches under way where it is told to', async () => {
  const shut = gate();
  const { handle, crawl } = await start('parallel', { http: 24, gate: shut.gate }, { parallel: 2 });
  await expect.poll(() => crawl.atOnce, PATIENT).toBe(2);
  shut.open();
  expect(await handle.result()).toMatchObject({ pages: 24 });
  expect(crawl.mostAtOnce).toBe(2);
});

it('begins no batch while it is paused, and goes on when it is resumed', async () => {
  const shut = gate();
  const { handle, progress, crawl } = await start('paused', { http: 20, gate: shut.gate });
  await expect.poll(() => crawl.atOnce, PATIENT).toBe(1);
  await handle.signal('pause');
  shut.open();
  await expect.poll(progress, PATIENT).toMatchObject({ state: 'paused', pages: 4 });
  expect(await progress()).toMatchObject({ state: 'paused', pages: 4, queued: 18 });
  expect(crawl.batches).toBe(1);
  await handle.signal('resume');
  expect(await handle.result()).toMatchObject({ state: 'done', pages: 20 });
});

it('drained, ends after the batch under way and seals, even while it is paused', async () => {
  const shut = gate();
  const { handle, progress, crawl } = await start('drained', { http: 20, gate: shut.gate });
  await expect.poll(() => crawl.atOnce, PATIENT).toBe(1);
  await handle.signal('pause');
  await handle.signal('drain');
  expect(await progress()).toMatchObject({ state: 'crawling', draining: true });
  shut.open();
  expect(await handle.result()).toMatchObject({ state: 'done', pages: 4, sealed: 5 });
  expect(crawl).toMatchObject({ http: 16, batches: 1, sealed: 1 });
});

it('continues as new with all its counts', async () => {
  const { handle, latest, crawl } = await start('long', { http: 40 }, { batchesPerRun: 3, parallel: 2 });
  const done = await handle.result();
  expect(done).toMatchObject({ state: 'done', pages: 40, rendered: 20, records: 60, failed: { status_404: 15 } });
  expect(crawl.sealed).toBe(1);
  expect((await latest.describe()).runId).not.toBe(handle.firstExecutionRunId);
});

it('keeps a pause when it continues as new', async () => {
  const shut = gate();
  const { handle, progress, crawl } = await start('long-pause', { http: 40, gate: shut.gate }, { batchesPerRun: 1 });
  await expect.poll(() => crawl.atOnce, PATIENT).toBe(1);
  await handle.signal('pause');
  shut.open();
  await expect.poll(progress, PATIENT).toMatchObject({ state: 'paused', pages: 4 });
  const latest = workers.client.workflow.getHandle(handle.workflowId);
  await latest.signal('resume');
  expect(await handle.result()).toMatchObject({ state: 'done', pages: 40 });
});
