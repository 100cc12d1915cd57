import type { CrawlJob } from '../src/core/crawl-job.ts';
import type { CrawlBatchResult } from '../src/scrapers/crawl.ts';
import type { LeaseQueue } from '../src/scrapers/frontier/frontier.ts';
import type { FrontierStats } from '../src/scrapers/frontier/stats.ts';
import { crawlBatch } from '../src/scrapers/crawl.ts';
import { openCrawl } from '../src/scrapers/open-crawl.ts';
import type { OpenCrawlDeps } from '../src/scrapers/open-crawl.ts';
import { alive } from './alive.ts';

export interface ScrapeDeps {
  /** What a crawl of this job works with; one frontier a job. */
  crawl: (job: CrawlJob) => OpenCrawlDeps;
  /** Names this worker in the frontier's leases. */
  owner: string;
  meter: CrawlMeter;
}

/** Where the work of this process is counted. */
export interface CrawlMeter {
  batchDone(job: CrawlJob, queue: LeaseQueue, batch: CrawlBatchResult, seconds: number): void;
  frontierSeen(job: CrawlJob, stats: FrontierStats): void;
}

export interface CrawlBatchInput {
  job: CrawlJob;
  queue: LeaseQueue;
  /** Pages at most. */
  pages: number;
}

/** What came of a batch, and how the frontier stands after it. */
export interface CrawlReport extends CrawlBatchResult {
  /** Hosts with URLs that wait for their turn. */
  hostsWaiting: number;
  /** Until something may be fetched, as far as is known; 0 for now, null where nothing waits. */
  waitMs: number | null;
}

export type ScrapeActivities = ReturnType<typeof createScrapeActivities>;

export function createScrapeActivities({ crawl, owner, meter }: ScrapeDeps) {
  return {
    /** Puts a job's seeds, sitemap and feeds into the frontier. */
    async openCrawl({ job }: { job: CrawlJob }): Promise<{ added: number }> {
      const deps = crawl(job);
      // A site may ask for more time between two requests than a worker may be silent.
      const { added } = await alive(
        () => deps.heartbeat({ opening: job.id }),
        () => openCrawl(deps, job),
      );
      return { added };
    },

    /** Fetches up to `pages` pages that the frontier leases; what it extracted waits as one batch to be sealed. */
    async crawlBatch({ job, queue, pages }: CrawlBatchInput): Promise<CrawlReport> {
      const deps = crawl(job);
      const beganMs = performance.now();
      const batch = await crawlBatch(deps, { job, queue, pages, owner });
      meter.batchDone(job, queue, batch, (performance.now() - beganMs) / 1000);
      const stats = await deps.frontier.stats();
      meter.frontierSeen(job, stats);
      return { ...batch, hostsWaiting: stats.hosts.waiting, waitMs: stats.queues[queue].waitMs };
    },
  };
}
