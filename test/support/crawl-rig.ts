import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { crawlJobOf } from '../../src/core/crawl-job.ts';
import type { CrawlJob } from '../../src/core/crawl-job.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';
import { createListMemory } from '../../src/scrapers/list-memory.ts';
import type { OpenCrawlDeps } from '../../src/scrapers/open-crawl.ts';
import { createPoliteness } from '../../src/scrapers/politeness.ts';
import { createSources, PUBLIC_ORIGINS } from '../../src/scrapers/sources.ts';
import type { SourceOrigins } from '../../src/scrapers/sources.ts';

/** Everything that a crawl works with but a browser, for a job and a miner of its own; objects are stored in memory. */
export interface CrawlRig extends OpenCrawlDeps {
  job: CrawlJob;
  hotkey: string;
  stored: Map<string, string>;
}

/** A job of loopback hosts. */
export function jobOf({ source, seeds = [], hosts, queries = [] }: Partial<CrawlJob> & { hosts: string[] }): CrawlJob {
  const wanted = { id: 'job', source: source ?? 'web', seeds, hosts, queries, allow_private: hosts, max_pages: 100 };
  return crawlJobOf({ ...wanted, pool: 'data', weight_ppm: 1_000_000 });
}

export function crawlRig(redis: Redis, job: CrawlJob, origins: SourceOrigins = PUBLIC_ORIGINS): CrawlRig {
  const hotkey = `test-${randomUUID()}`;
  const stored = new Map<string, string>();
  return {
    ...{ job, hotkey, stored },
    source: createSources(origins)[job.source],
    frontier: createFrontier({ redis, hotkey, crawl: job.id }),
    lists: createListMemory({ redis, hotkey, crawl: job.id }),
    fetch: createGuardedFetch({ allowPrivate: job.allow_private, userAgent: 'seine-test' }),
    browser: null,
    politeness: createPoliteness({ redis, hotkey, defaultDelayMs: 1 }),
    store: (bytes) => {
      const digest = sha256Hex(bytes);
      stored.set(digest, new TextDecoder().decode(bytes));
      return Promise.resolve(digest);
    },
    now: () => Date.now() * 1000,
    orderSeed: '5Miner',
    heartbeat: () => undefined,
  };
}

/** All rows that wait to be sealed, those of one id too. */
export async function pendingRows({ frontier, stored }: CrawlRig): Promise<DataRecord[]> {
  const batches = await frontier.pendingBatches();
  const lines = batches.flatMap((digest) => (stored.get(digest) ?? '').split('\n').filter((line) => line !== ''));
  return lines.map((line) => JSON.parse(line) as DataRecord);
}
