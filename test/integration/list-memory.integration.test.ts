import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRedis } from '../../src/redis/connect.ts';
import { createListMemory } from '../../src/scrapers/list-memory.ts';
import { NOTHING_SEEN } from '../../src/scrapers/new-entries.ts';
import { openCrawl } from '../../src/scrapers/open-crawl.ts';
import { crawlRig, jobOf } from '../support/crawl-rig.ts';
import { useStack } from '../support/stack.ts';

let redis: Redis;
beforeAll(async () => {
  redis = await connectRedis(useStack().redisState);
});
afterAll(() => redis.disconnect());

const LIST = { etag: '"1"', lastModified: null, feeds: [], seen: NOTHING_SEEN };

it('remembers a list, and no more lists than it may', async () => {
  const hotkey = `test-${randomUUID()}`;
  const lists = createListMemory({ redis, hotkey, crawl: 'job', maxLists: 5 });
  await lists.keep('https://a.test/0', LIST);
  expect(await lists.get('https://a.test/0')).toEqual(LIST);
  for (let list = 1; list < 30; list += 1) await lists.keep(`https://a.test/${list}`, LIST);
  expect(await redis.hlen(`seine:{${hotkey}}:crawl:job:lists`)).toBe(5);
});

it('knows when a list was asked for, and forgets a job that no run asks for anything', async () => {
  const hotkey = `test-${randomUUID()}`;
  const lists = createListMemory({ redis, hotkey, crawl: 'job' });
  expect(await lists.askedAtMs([])).toEqual([]);
  const before = Date.now();
  await lists.keep('a', LIST);
  await lists.ask('a');
  const [asked, never] = await lists.askedAtMs(['a', 'b']);
  expect([(asked ?? 0) >= before - 1000, never]).toEqual([true, null]);
  for (const key of ['lists', 'lists:asked']) {
    expect(await redis.pttl(`seine:{${hotkey}}:crawl:job:${key}`)).toBeGreaterThan(0);
  }
});

it('lets every feed of a job be read at last, though a run has time for few', async () => {
  const seeds = Array.from({ length: 9 }, (_, feed) => `http://a.test/feed${feed}`);
  const crawl = crawlRig(redis, jobOf({ source: 'rss', seeds, hosts: ['a.test'] }));
  const asked: string[] = [];
  // A site that wants 200 ms between two requests.
  const politeness = { ...crawl.politeness, delayMs: () => 200 };
  const fetch: typeof crawl.fetch = (url) => {
    if (!url.endsWith('/robots.txt')) asked.push(url);
    const headers = { 'content-type': 'application/rss+xml' };
    const body = Buffer.from('<rss><channel></channel></rss>');
    return Promise.resolve({ requestedUrl: url, url, status: 200, headers, body, redirects: [] });
  };
  for (let run = 0; run < 9; run += 1) await openCrawl({ ...crawl, fetch, politeness }, crawl.job, 500);
  expect(new Set(asked).size).toBe(9);
});
