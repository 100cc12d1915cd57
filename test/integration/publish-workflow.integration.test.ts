import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { PublishResult } from '../../activities/publish.ts';
import type { SealResult } from '../../activities/seal.ts';
import { SeineError } from '../../src/core/errors.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { crawlJob } from '../support/crawl-job.ts';
import { startTestWorkers } from '../support/test-workers.ts';
import type { TestWorkers } from '../support/test-workers.ts';

/*
 * Scrapes that seal while the hotkey's one publisher starts, works and ends: whatever is sealed is published without another scrape having to come,
 * and by one publisher at a time.
 */

const HOTKEY = `Publish${Date.now()}`;
const queue: string[] = [];
let published: string[] = [];
let atWork = 0;
let most = 0;
let workers: TestWorkers;

beforeAll(async () => {
  const nothing = {
    pages: 0,
    records: 0,
    failed: {},
    remaining: { http: 0, browser: 0 },
    hostsWaiting: 0,
    waitMs: null,
  };
  workers = await startTestWorkers({
    hotkey: HOTKEY,
    activities: {
      http: { openCrawl: () => Promise.resolve(), crawlBatch: () => Promise.resolve(nothing) },
      data: {
        sealManifest: ({ job }: { job: string }): Promise<SealResult> => {
          queue.push(job);
          return Promise.resolve({
            manifest: job,
            rows: 1,
            duplicates: 0,
            waiting: [{ digest: job, seq: queue.length }],
          });
        },
      },
      chain: { publishQueue, proveCommits },
    },
  });
}, 120_000);

afterAll(() => workers.close());

beforeEach(() => {
  published = [];
  most = 0;
});

async function publishQueue(): Promise<PublishResult> {
  most = Math.max(most, (atWork += 1));
  const [anchor, ...others] = queue.splice(0, 9).reverse();
  await sleep(20);
  atWork -= 1;
  if (anchor === undefined) return { status: 'empty' };
  published.push(anchor, ...others);
  return { status: 'committed', manifests: others.length + 1, anchor, block: 7, event: 1 };
}

/** No proof is to be had for the first commitments. */
function proveCommits(): Promise<{ proved: number }> {
  if (published.length > 20) return Promise.resolve({ proved: 1 });
  return Promise.reject(new SeineError('ProofInvalid', 'no proof today'));
}

async function scrape(job: string): Promise<void> {
  await workers.client.workflow.execute('scrapeSource', {
    workflowId: `scrape-${HOTKEY}-${job}`,
    taskQueue: taskQueue(HOTKEY, 'control'),
    args: [{ hotkey: HOTKEY, netuid: 1, job: crawlJob(job, 1), batchPages: 1 }],
  });
}

it('all that is sealed is published, by one publisher', async () => {
  const jobs = Array.from({ length: 30 }, (_, at) => `job-${at}`);
  // At uneven distances, so that some find the publisher at work and some find it ending.
  await Promise.all(jobs.map((job, at) => sleep(at * 97).then(() => scrape(job))));
  await expect.poll(() => [...published].sort(), { timeout: 90_000 }).toEqual([...jobs].sort());
  expect(most).toBe(1);
  const publisher = workers.client.workflow.getHandle(`publish-1-${HOTKEY.slice(0, 8)}`);
  const status = async (): Promise<string> => (await publisher.describe()).status.name;
  await expect.poll(status, { timeout: 90_000 }).toBe('COMPLETED');
}, 120_000);
