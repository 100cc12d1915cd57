import type { WantedJob } from '../src/core/wanted.ts';
import type { CrawlBatchResult, CrawlDeps } from '../src/scrapers/crawl.ts';
import type { LeaseQueue } from '../src/scrapers/frontier/frontier.ts';
import { crawlBatch } from '../src/scrapers/crawl.ts';
import { openCrawl } from '../src/scrapers/open-crawl.ts';
import { alive } from './alive.ts';

export interface ScrapeDeps {
  /** The job as this miner runs it: the wanted one, with the miner's own seeds added. */
  job: (id: string) => WantedJob;
  /** What a crawl of this job works with; one frontier a job. */
  crawl: (job: WantedJob) => CrawlDeps;
  /** Names this worker in the frontier's leases. */
  owner: string;
}

export interface CrawlBatchInput {
  job: string;
  queue: LeaseQueue;
  /** Pages at most. */
  pages: number;
}

export type ScrapeActivities = ReturnType<typeof createScrapeActivities>;

export function createScrapeActivities(deps: ScrapeDeps) {
  return {
    /** Puts a job's seeds, sitemap and feeds into the frontier. */
    async openCrawl(input: { job: string }): Promise<{ added: number }> {
      const job = deps.job(input.job);
      const crawl = deps.crawl(job);
      // A site may ask for more time between two requests than a worker may be silent.
      const { added } = await alive(
        () => crawl.heartbeat({ opening: job.id }),
        () => openCrawl(crawl, job),
      );
      return { added };
    },

    /** Fetches up to `pages` pages that the frontier leases; what it extracted waits as one batch to be sealed. */
    async crawlBatch(input: CrawlBatchInput): Promise<CrawlBatchResult> {
      const job = deps.job(input.job);
      return await crawlBatch(deps.crawl(job), { job, queue: input.queue, pages: input.pages, owner: deps.owner });
    },
  };
}
