import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { PublishResult } from '../../activities/publish.ts';
import type { SealResult } from '../../activities/seal.ts';
import { SeineError } from '../../src/core/errors.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { workflowBundle } from '../../temporal/bundle.ts';
import { connectClient, connectWorkers } from '../../temporal/client.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { createWorkers } from '../../temporal/worker.ts';
import type { Workers } from '../../temporal/worker.ts';
import { useStack } from '../support/stack.ts';

/*
 * Scrapes that seal while the hotkey's one publisher starts, works and ends: whatever is sealed is published without another scrape having to come,
 * and by one publisher at a time.
 */

const HOTKEY = `Publish${Date.now()}`;
const queue: string[] = [];
let published: string[] = [];
let atWork = 0;
let most = 0;
let dir: string;
let client: Client;
let connection: NativeConnection;
let workers: Workers;
let running: Promise<void>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-publish-workflow-'));
  const access = { address: useStack().temporal, namespace: 'default', tls: false, apiKey: null };
  [client, connection] = await Promise.all([connectClient(access), connectWorkers(access)]);
  await ensureSearchAttributes(client, 'default');
  const nothing = { pages: 0, records: 0, remaining: { http: 0, browser: 0 } };
  workers = await createWorkers({
    connection,
    namespace: 'default',
    hotkey: HOTKEY,
    bundle: await workflowBundle(dir),
    activities: {
      http: { openCrawl: () => Promise.resolve(), crawlBatch: () => Promise.resolve(nothing) },
      data: {
        sealManifest: ({ job }: { job: string }): Promise<SealResult> => {
          queue.push(job);
          return Promise.resolve({ manifest: job, duplicates: 0, waiting: [{ digest: job, seq: queue.length }] });
        },
      },
      chain: { publishQueue, proveCommits },
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
  await client.workflow.execute('scrapeSource', {
    workflowId: `scrape-${HOTKEY}-${job}`,
    taskQueue: taskQueue(HOTKEY, 'control'),
    args: [{ hotkey: HOTKEY, netuid: 1, job, maxPages: 1, batchPages: 1 }],
  });
}

it('all that is sealed is published, by one publisher', async () => {
  const jobs = Array.from({ length: 30 }, (_, at) => `job-${at}`);
  // At uneven distances, so that some find the publisher at work and some find it ending.
  await Promise.all(jobs.map((job, at) => sleep(at * 97).then(() => scrape(job))));
  await expect.poll(() => [...published].sort(), { timeout: 90_000 }).toEqual([...jobs].sort());
  expect(most).toBe(1);
  const publisher = client.workflow.getHandle(`publish-1-${HOTKEY.slice(0, 8)}`);
  const status = async (): Promise<string> => (await publisher.describe()).status.name;
  await expect.poll(status, { timeout: 90_000 }).toBe('COMPLETED');
}, 120_000);
