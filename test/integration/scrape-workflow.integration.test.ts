import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CrawlBatchInput } from '../../activities/scrape.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { startTestWorkers } from '../support/test-workers.ts';
import type { TestWorkers } from '../support/test-workers.ts';

/*
 * What a batch did is in the frontier before the batch is reported. A worker that dies in between takes the report with it: the run must end as if it
 * had been heard.
 */

const HOTKEY = `Scrape${Date.now()}`;
/** URLs that wait, by queue; every second page that HTTP gets turns out to need a browser. */
const frontier = { http: 8, browser: 0 };
let reports = 0;
let workers: TestWorkers;

beforeAll(async () => {
  workers = await startTestWorkers({
    hotkey: HOTKEY,
    activities: {
      http: { openCrawl: () => Promise.resolve(), crawlBatch },
      browser: { crawlBatch },
      data: { sealManifest: () => Promise.resolve({ manifest: null, duplicates: 0, waiting: [] }) },
    },
  });
}, 120_000);

afterAll(() => workers.close());

/** Takes its pages, and every first try's report is lost. */
function crawlBatch({ queue, pages }: CrawlBatchInput): Promise<object> {
  const taken = Math.min(pages, frontier[queue]);
  frontier[queue] -= taken;
  if (queue === 'http') frontier.browser += taken / 2;
  if ((reports += 1) % 2 === 1) return Promise.reject(new Error('the worker died'));
  return Promise.resolve({ pages: taken, records: taken, failed: {}, batch: null, remaining: { ...frontier } });
}

it('leaves no page behind when the reports of batches are lost', async () => {
  await workers.client.workflow.execute('scrapeSource', {
    workflowId: `scrape-${HOTKEY}`,
    taskQueue: taskQueue(HOTKEY, 'control'),
    args: [{ hotkey: HOTKEY, netuid: 1, job: 'docs', maxPages: 100, batchPages: 4 }],
  });
  expect(frontier).toEqual({ http: 0, browser: 0 });
}, 60_000);
