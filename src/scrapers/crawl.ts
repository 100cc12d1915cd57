import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeSpool } from '../core/spool.ts';
import { SeineError } from '../core/errors.ts';
import type { Digest } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import { hostOf } from '../core/wanted.ts';
import type { WantedJob } from '../core/wanted.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { BrowserPool } from './browser/pool.ts';
import type { Frontier, FrontierUrl, Lease, LeaseQueue, QueueStats } from './frontier/frontier.ts';
import type { Politeness } from './politeness.ts';
import { visit } from './visit.ts';
import type { Visit, VisitDeps } from './visit.ts';
import type { PageReader } from './web/page-reader.ts';
import { createWebSource } from './web/web-source.ts';

/** What the operations of a crawl work with; one frontier a job. */
export interface CrawlDeps {
  frontier: Frontier;
  fetch: GuardedFetch;
  /** Null on workers that have none. */
  browser: BrowserPool | null;
  /** Reads pages in a thread of its own. @default the calling thread, without a deadline: not for hostile pages */
  reader?: PageReader;
  politeness: Politeness;
  /** Fixes the order in which pages that are equally near are crawled; a miner's own. */
  orderSeed: string;
  /** Stores bytes under their digest; storing the same again changes nothing. */
  store: (bytes: Uint8Array) => Promise<Digest>;
  /** Microseconds, UTC. */
  now: () => number;
  heartbeat: (progress: unknown) => void;
  signal?: AbortSignal;
}

export interface CrawlBatchInput {
  job: WantedJob;
  queue: LeaseQueue;
  /** Pages at most. */
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
  const leases = await leaseSome(deps, { queue, count: input.pages, owner, leaseMs: LEASE_MS });
  const urls = leases.map(({ url }) => url);
  const harvest: Harvest = { done: [], retry: [], release: [], browser: [], links: [], failed: {}, rows: new Map() };
  const visiting: VisitDeps = { ...deps, source: createWebSource(deps) };
  const waiting = byHostInTurn(leases);
  const worker = async (): Promise<void> => {
    for (let lease = waiting.shift(); lease !== undefined; lease = waiting.shift()) {
      try {
        signal?.throwIfAborted();
        // A page that took its workers down before is not worth another one.
        const visited: Visit =
          lease.attempts > MAX_RETRIES
            ? { outcome: 'refused', reason: 'worker_lost' }
            : await visit(visiting, lease.url, queue === 'browser');
        gather(harvest, job, lease, visited);
      } catch (error) {
        if (signal?.aborted !== true) {
          // The batch is lost; the other workers need not go on with it.
          waiting.length = 0;
          throw error;
        }
        harvest.release.push(lease.url);
      }
      heartbeat({ pages: harvest.done.length, of: leases.length });
    }
  };
  const renewal = setInterval(() => {
    heartbeat({ pages: harvest.done.length, of: leases.length });
    // A renewal that fails shows at the end, when the leases turn out to be lost.
    frontier.renew({ queue, owner, urls, leaseMs: LEASE_MS }).catch(() => undefined);
  }, RENEW_MS);
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    clearInterval(renewal);
  }

  const rows = [...harvest.rows.values()];
  const batch = rows.length === 0 ? null : await deps.store(writeSpool(rows));
  const { done, retry, release, browser, links, failed } = harvest;
  const pages = urls.length - release.length;
  if (urls.length > 0) {
    const counts = { pages, records: rows.length, failed };
    if (!(await frontier.complete({ owner, queue, batch, done, retry, release, browser, links, ...counts }))) {
      throw new LeaseLostError(job.id, owner);
    }
  }
  // Nothing was begun: that must not look like nothing being left.
  if (pages === 0) signal?.throwIfAborted();
  const { http, browser: hidden } = (await frontier.stats()).queues;
  return { pages, records: rows.length, failed, batch, remaining: { http: left(http), browser: left(hidden) } };
}

function left({ ready, delayed, leased }: QueueStats): number {
  return ready + delayed + leased;
}

/** Leases what is ready. When nothing is, but something may be before long, waits for it as long as a lost lease lives. */
async function leaseSome(deps: CrawlDeps, request: Parameters<Frontier['lease']>[0]): Promise<Lease[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const leases = await deps.frontier.lease(request);
    if (leases.length > 0 || waitedMs > LEASE_MS || deps.signal?.aborted === true) return leases;
    const { delayed, leased } = (await deps.frontier.stats()).queues[request.queue];
    if (delayed + leased === 0) return leases;
    deps.heartbeat({ pages: 0, of: 0, waitedMs });
    await sleep(POLL_MS);
  }
}

/** What the pages of a batch gave. */
interface Harvest {
  done: string[];
  retry: { url: string; afterMs: number }[];
  release: string[];
  browser: string[];
  links: FrontierUrl[];
  failed: Record<string, number>;
  rows: Map<string, DataRecord>;
}

function gather(harvest: Harvest, job: WantedJob, { url, depth, attempts }: Lease, visited: Visit): void {
  if (visited.outcome === 'failed' && attempts < MAX_RETRIES) {
    const backOffMs = Math.min(visited.retryAfterMs ?? BACK_OFF_MS * 4 ** attempts, MAX_BACK_OFF_MS);
    harvest.retry.push({ url, afterMs: backOffMs });
    return;
  }
  if (visited.outcome !== 'page') {
    const reason = visited.outcome === 'gone' ? `status_${visited.status}` : visited.reason;
    harvest.done.push(url);
    harvest.failed[reason] = (harvest.failed[reason] ?? 0) + 1;
    return;
  }
  const { page } = visited;
  (page.needsBrowser ? harvest.browser : harvest.done).push(url);
  if (depth < MAX_DEPTH) {
    const found = [...page.links, ...page.feeds].filter((link) => job.hosts.includes(hostOf(link)));
    for (const link of found) harvest.links.push({ url: link, depth: depth + 1 });
  }
  // What little text such a page has without its scripts is not what it is about.
  if (page.needsBrowser) return;
  for (const record of page.records) if (job.hosts.includes(hostOf(record.url))) harvest.rows.set(record.id, record);
}

/** Hosts take turns, so that one of them, slow or patient, does not hold up all workers. */
function byHostInTurn(leases: readonly Lease[]): Lease[] {
  const perHost = new Map<string, number>();
  const rounds = leases.map((lease) => {
    const host = hostOf(lease.url);
    const round = perHost.get(host) ?? 0;
    perHost.set(host, round + 1);
    return { lease, round };
  });
  return rounds.sort((a, b) => a.round - b.round).map(({ lease }) => lease);
}

/** Links from a seed; farther than that lie calendars and mazes. */
const MAX_DEPTH = 16;
const MAX_RETRIES = 3;
const BACK_OFF_MS = 1000;
const MAX_BACK_OFF_MS = 3_600_000;
const AT_ONCE = 8;
const LEASE_MS = 30_000;
const RENEW_MS = 8000;
const POLL_MS = 250;
