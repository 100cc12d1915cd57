import type { CrawlJob } from '../../src/core/crawl-job.ts';

/** A job of one site, for tests that don't fetch it. */
export function crawlJob(id: string, pages = 100): CrawlJob {
  return {
    ...{ id, source: 'web', seeds: ['http://site.example/'], queries: [], hosts: ['site.example'], allow_private: [] },
    limits: { pages, depth: 50 },
    politeness: { delay_ms: null, per_host: 8, per_domain: 16 },
    labels: {},
  };
}
