import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CrawlBatchInput } from '../../activities/scrape.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { workflowBundle } from '../../temporal/bundle.ts';
import { connectClient, connectWorkers } from '../../temporal/client.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { createWorkers } from '../../temporal/worker.ts';
import type { Workers } from '../../temporal/worker.ts';
import { useStack } from '../support/stack.ts';

/*
 * What a batch did is in the frontier before the batch is reported. A worker that dies in between takes the report with it: the run must end as if it
 * had been heard.
 */

const HOTKEY = `Scrape${Date.now()}`;
/** URLs that wait, by queue; every second page that HTTP gets turns out to need a browser. */
const frontier = { http: 8, browser: 0 };
let reports = 0;
let dir: string;
let client: Client;
let connection: NativeConnection;
let workers: Workers;
let running: Promise<void>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-scrape-workflow-'));
  const access = { address: useStack().temporal, namespace: 'default', tls: false, apiKey: null };
  [client, connection] = await Promise.all([connectClient(access), connectWorkers(access)]);
  await ensureSearchAttributes(client, 'default');
  workers = await createWorkers({
    connection,
    namespace: 'default',
    hotkey: HOTKEY,
    bundle: await workflowBundle(dir),
    activities: {
      http: { openCrawl: () => Promise.resolve(), crawlBatch },
      browser: { crawlBatch },
      data: { sealManifest: () => Promise.resolve({ manifest: null, duplicates: 0, waiting: [] }) },
    },
  });
  running = workers.run();
}, 120_000);

afterAll(async () => {
  workers.shutdown();
  await running;
  await client.connection.close();
  await connection.close();
  await rm(dir, { recursive: true, force: true });
});

/** Takes its pages, and every first try's report is lost. */
function crawlBatch({ queue, pages }: CrawlBatchInput): Promise<object> {
  const taken = Math.min(pages, frontier[queue]);
  frontier[queue] -= taken;
  if (queue === 'http') frontier.browser += taken / 2;
  if ((reports += 1) % 2 === 1) return Promise.reject(new Error('the worker died'));
  return Promise.resolve({ pages: taken, records: taken, failed: {}, batch: null, remaining: { ...frontier } });
}

it('leaves no page behind when the reports of batches are lost', async () => {
  await client.workflow.execute('scrapeSource', {
    workflowId: `scrape-${HOTKEY}`,
    taskQueue: taskQueue(HOTKEY, 'control'),
    args: [{ hotkey: HOTKEY, netuid: 1, job: 'docs', maxPages: 100, batchPages: 4 }],
  });
  expect(frontier).toEqual({ http: 0, browser: 0 });
}, 60_000);
