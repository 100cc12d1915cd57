/**
 * Seine's side, by the product's own parts as a worker puts them together, without Temporal:
 *   node --import tsx test/bench/crawl/seine.ts URL REDIS DIR web|light
 * Redis is the `state` role; batches are stored in DIR; `light` reads no more of a page than the peers do. One crawl for the line that it reads.
 */
import { crawlJobOf } from '../../../src/core/crawl-job.ts';
import { hostOf } from '../../../src/core/wanted.ts';
import { createFileStore } from '../../../src/datasets/storage.ts';
import { createGuardedFetch } from '../../../src/net/guarded-fetch.ts';
import { connectRedis } from '../../../src/redis/connect.ts';
import type { Concurrency } from '../../../src/scrapers/crawl-concurrency.ts';
import { crawlBatch } from '../../../src/scrapers/crawl.ts';
import type { CrawlDeps } from '../../../src/scrapers/crawl.ts';
import { createFrontier } from '../../../src/scrapers/frontier/frontier.ts';
import { openPageReader } from '../../../src/scrapers/page-reader.ts';
import { createPoliteness } from '../../../src/scrapers/politeness.ts';
import { createSources, PUBLIC_ORIGINS } from '../../../src/scrapers/sources.ts';
import { answerLines } from './answer-lines.ts';

/** Pages in work at once, as many as the peers have: not as many as the machine would carry. */
const AT_ONCE = 16;
const BATCH_PAGES = 200;
const HOTKEY = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';

const [start = '', redisUrl = '', dir = '', reading = ''] = process.argv.slice(2);
const host = hostOf(start);
const wanted = { id: 'bench', source: 'web' as const, seeds: [start], hosts: [host], allow_private: [host] };
const asked = crawlJobOf({ ...wanted, max_pages: 1_000_000, pool: 'main', weight_ppm: 1_000_000 });
const job = { ...asked, politeness: { delay_ms: 0, per_host: AT_ONCE, per_domain: AT_ONCE } };
const redis = await connectRedis(redisUrl);
const objects = createFileStore(dir);
const light = { script: new URL('./light-reader-thread.mjs', import.meta.url) };
const reader = openPageReader({ origins: PUBLIC_ORIGINS, threads: 1, ...(reading === 'light' ? light : {}) });
const deps: CrawlDeps = {
  ...{ reader, browser: null, orderSeed: HOTKEY, concurrency: fixed(AT_ONCE) },
  source: createSources(PUBLIC_ORIGINS).web,
  frontier: createFrontier({ redis, hotkey: HOTKEY, crawl: job.id }),
  politeness: createPoliteness({ redis, hotkey: HOTKEY, defaultDelayMs: 0 }),
  fetch: createGuardedFetch({ allowPrivate: job.allow_private, userAgent: 'seine-bench' }),
  store: (bytes) => objects.put(bytes),
  now: () => Date.now() * 1000,
  heartbeat: () => undefined,
};

async function crawl(): Promise<{ pages: number; records: number }> {
  await deps.frontier.add([{ url: start }]);
  const found = { pages: 0, records: 0 };
  for (let more = true; more;) {
    const batch = await crawlBatch(deps, { job, queue: 'http', pages: BATCH_PAGES, owner: 'bench' });
    found.pages += batch.pages;
    found.records += batch.records;
    more = batch.pages > 0 || batch.remaining.http > 0;
  }
  return found;
}

function fixed(most: number): Concurrency {
  let underWay = 0;
  return {
    enter: () => underWay < most && (underWay += 1) > 0,
    leave: () => void (underWay -= 1),
  };
}

// The thread starts with its first page; loading is not measured of the peers either.
const warm = { url: start, requestedUrl: start, status: 200, headers: {}, body: Buffer.from('<p>.'), redirects: [] };
await reader.read('web', warm, 0, false);
await answerLines('ready', crawl);
await reader.close();
redis.disconnect();
