import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrawlJob } from '../core/crawl-job.ts';
import { writeSpool } from '../core/spool.ts';
import { SeineError } from '../core/errors.ts';
import type { Digest } from '../core/manifest.ts';
import { createConcurrency } from './crawl-concurrency.ts';
import type { Concurrency } from './crawl-concurrency.ts';
import type { Frontier, Lease, LeaseQueue } from './frontier/frontier.ts';
import type { QueueStats } from './frontier/stats.ts';
import { completionOf, createHarvest, failuresOf } from './harvest.ts';
import { visitLeases } from './visit-leases.ts';
import type { VisitDeps } from './visit.ts';

/** What the operations of a crawl work with; one frontier a job. */
export interface CrawlDeps extends VisitDeps {
  frontier: Frontier;
  /** Shared by all crawls of the process. @default the batch's own, which starts small */
  concurrency?: Concurrency;
  /** Fixes the order in which pages that are equally near are crawled; a miner's own. */
  orderSeed: string;
  /** Stores bytes under their digest; storing the same again changes nothing. */
  store: (bytes: Uint8Array) => Promise<Digest>;
  heartbeat: (progress: unknown) => void;
}

export interface CrawlBatchInput {
  job: CrawlJob;
  queue: LeaseQueue;
  /** Pages at most, of up to 1000. */
  pages: number;
  /** Names the worker; leases of two calls are told apart whatever it is. */
  owner: string;
}

export interface CrawlBatchResult {
  /** URLs gone to, whatever came of it. */
  pages: number;
  records: number;
  /** Given up for good, by reason. */
  failed: Record<string, number>;
  /** Stored rows of this batch as NDJSON of canonical rows; null when there were none. */
  batch: Digest | null;
  /** URLs that wait, are to be tried again, or are leased by others, by queue; those that earlier batches left count too. */
  remaining: Record<LeaseQueue, number>;
}

/** The leases ran out under a worker that was too slow, and another has them now; nothing of the batch counts. */
export class LeaseLostError extends SeineError {
  constructor(job: string, owner: string) {
    super(
      'LeaseLost',
      `leases of job ${job} passed from ${owner} to another worker; the batch is dropped, run the next`,
      {
        details: { job, owner },
        remedy: 'retry',
      },
    );
  }
}

/**
 * Fetches up to `pages` pages that the frontier leases, politely and several at once, and stores the rows they held as one
 * batch. The batch, the links and the ended leases are noted in one step: cut off before it, the pages are leased again;
 * after it, all is done. Where nothing is ready yet but something soon will be, it waits for that. Aborted, it hands
 * what it has not begun back and notes the rest; when it has begun nothing, it rejects with the abort's reason.
 */
export async function crawlBatch(deps: CrawlDeps, input: CrawlBatchInput): Promise<CrawlBatchResult> {
  const { frontier, heartbeat, signal } = deps;
  const { job, queue } = input;
  const owner = `${input.owner}/${randomUUID()}`;
  const count = Math.min(input.pages, MAX_PAGES);
  const leases = await leaseSome(deps, { queue, count, owner, leaseMs: LEASE_MS });
  const urls = leases.map(({ url }) => url);
  const harvest = createHarvest();
  let visited = 0;
  const tell = (): void => heartbeat({ pages: visited, of: leases.length });
  const renewal = setInterval(() => {
    tell();
    // A renewal that fails shows at the end, when the leases turn out to be lost.
    frontier.renew({ queue, owner, urls, leaseMs: LEASE_MS }).catch(() => undefined);
  }, RENEW_MS);
  try {
    await visitLeases(deps, {
      ...{ job, leases, harvest, byBrowser: queue === 'browser' },
      concurrency: deps.concurrency ?? createConcurrency(),
      onVisited() {
        visited += 1;
        tell();
      },
    });
    const rows = [...harvest.rows.values()];
    const batch = rows.length === 0 ? null : await deps.store(writeSpool(rows));
    const pages = urls.length - harvest.release.length;
    if (urls.length > 0 && !(await frontier.complete({ owner, queue, batch, ...completionOf(harvest, pages) }))) {
      throw new LeaseLostError(job.id, owner);
    }
    // Nothing was begun: that must not look like nothing being left.
    if (pages === 0) signal?.throwIfAborted();
    const { http, browser: hidden } = (await frontier.stats()).queues;
    const remaining = { http: left(http), browser: left(hidden) };
    return { pages, records: rows.length, failed: failuresOf(harvest), batch, remaining };
  } finally {
    // Not before the batch is noted: its rows may take long to store.
    clearInterval(renewal);
  }
}

function left({ ready, delayed, leased }: QueueStats): number {
  return ready + delayed + leased;
}

/** Leases what is ready. When nothing is, but something may be before long, waits for it as long as a lost lease lives. */
async function leaseSome(deps: CrawlDeps, request: Parameters<Frontier['lease']>[0]): Promise<Lease[]> {
  for (const startedAt = Date.now(); ;) {
    const leases = await deps.frontier.lease(request);
    const waitedMs = Date.now() - startedAt;
    if (leases.length > 0 || waitedMs > LEASE_MS || deps.signal?.aborted === true) return leases;
    const queue = (await deps.frontier.stats()).queues[request.queue];
    if (left(queue) === 0) return leases;
    // Others' leases may run out at any time; what waits for its turn does so for as long as is known.
    const waitMs = queue.waitMs ?? POLL_MS;
    if (queue.leased === 0 && waitedMs + waitMs > LEASE_MS) return leases;
    deps.heartbeat({ pages: 0, of: 0, waitedMs });
    await sleep(Math.max(MIN_POLL_MS, Math.min(waitMs, POLL_MS)));
  }
}

/** What one script call leases and completes in some ms of the server. */
const MAX_PAGES = 1000;
const LEASE_MS = 30_000;
const RENEW_MS = 4000;
const POLL_MS = 250;
const MIN_POLL_MS = 20;
