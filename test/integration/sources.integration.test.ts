import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { crawlBatch } from '../../src/scrapers/crawl.ts';
import { openCrawl } from '../../src/scrapers/open-crawl.ts';
import { openPageReader } from '../../src/scrapers/page-reader.ts';
import type { PageReader } from '../../src/scrapers/page-reader.ts';
import { respot } from '../../src/scrapers/respot.ts';
import { canonicalId } from '../../src/scrapers/sources.ts';
import type { SourceOrigins } from '../../src/scrapers/sources.ts';
import { crawlRig, jobOf, pendingRows } from '../support/crawl-rig.ts';
import type { CrawlRig } from '../support/crawl-rig.ts';
import { startHackerNewsServer } from '../support/hackernews-server.ts';
import { useStack } from '../support/stack.ts';

interface Contract {
  name: DataRecord['source'];
  rig: () => CrawlRig;
  /** Ids that one run of the job brings, in order. */
  ids: () => string[];
  requests: () => string[];
  /** Changes one row at the source in a field that must not change there; gives its id. */
  forged: (row: DataRecord) => DataRecord;
}

let redis: Redis;
let reader: PageReader;
let news: Awaited<ReturnType<typeof startHackerNewsServer>>;
let origins: SourceOrigins;
const feed = await startFeed();

beforeAll(async () => {
  redis = await connectRedis(useStack().redisState);
  news = await startHackerNewsServer();
  origins = { hackernews: { firebase: news.url, search: news.url } };
  reader = openPageReader({ origins, threads: 1 });
});

afterAll(async () => {
  await Promise.all([reader.close(), news.close(), feed.close()]);
  redis.disconnect();
});

const CONTRACTS: Contract[] = [
  {
    name: 'rss',
    rig: () => crawlRig(redis, jobOf({ source: 'rss', seeds: [`${feed.url}/feed.xml`], hosts: [feed.host] }), origins),
    ids: () => feed.posts.map((post) => `rss:${feed.url}/${post}`),
    requests: () => feed.requests.filter((path) => path.startsWith('/feed.xml')),
    forged: (row) => ({ ...row, parent_id: 'rss:https://elsewhere.example/' }),
  },
  {
    name: 'hackernews',
    rig: () => {
      const job = jobOf({ source: 'hackernews', queries: [''], hosts: ['news.ycombinator.com'] });
      return crawlRig(redis, { ...job, allow_private: [new URL(news.url).host] }, origins);
    },
    ids: () => [101, 102, 104, 105, 107, 108, 109, 110, 111].map((id) => `hackernews:${id}`),
    requests: () => news.requests.filter((path) => path.startsWith('/api/v1/search')),
    forged: (row) => ({ ...row, author: 'somebody_else' }),
  },
  {
    name: 'web',
    rig: () => crawlRig(redis, jobOf({ seeds: [`${feed.url}/`], hosts: [feed.host] }), origins),
    ids: () => [`web:${feed.url}/`, ...feed.posts.map((post) => `web:${feed.url}/${post}`)],
    requests: () => feed.requests.filter((path) => path === '/'),
    forged: (row) => ({ ...row, conversation_id: 'web:https://elsewhere.example/' }),
  },
];

describe.each(CONTRACTS)('the source $name', ({ name, rig, ids, requests, forged }) => {
  it('brings its rows through the one engine, each canonical and with the id that a check expects', async () => {
    const rows = await rowsOf({ ...rig(), reader });
    expect(rows.map(({ id }) => id).sort()).toEqual(ids().sort());
    for (const row of rows) {
      expect(row.source).toBe(name);
      expect(canonicalId(row)).toBe(row.id);
      expect(canonicalRow(row)).toContain(row.id);
    }
  });

  it('shows each row again where it came from, and what was changed in it', async () => {
    const crawl = { ...rig(), reader };
    for (const row of await rowsOf(crawl)) {
      const seen = await respot(crawl, row, crawl.job);
      expect(seen).toMatchObject({ outcome: 'shown', differs: null, record: { id: row.id, text: row.text } });
      expect(await respot(crawl, forged(row), crawl.job)).toMatchObject({
        outcome: 'shown',
        differs: expect.any(String) as string,
      });
    }
  });

  it('looks at no row of a host that the job does not name', async () => {
    const crawl = { ...rig(), reader };
    const [row] = await rowsOf(crawl);
    if (row === undefined) throw new Error('no row');
    expect(await respot(crawl, row, { hosts: ['elsewhere.example'] })).toEqual({
      ...{ outcome: 'unreachable', reason: 'host_not_in_job' },
    });
  });

  it('resumes where it was: a second run brings nothing that is not new', async () => {
    const crawl = { ...rig(), reader };
    const first = await rowsOf(crawl);
    await crawl.frontier.dropBatches(await crawl.frontier.pendingBatches());
    const before = requests().length;
    const again = await rowsOf(crawl);
    expect(requests().length).toBeGreaterThan(before);
    const known = new Set(first.map(({ id }) => id));
    // What a search gives is known by its ids alone: the miner's history drops it when it is sealed.
    if (name === 'hackernews') expect(again.filter(({ id }) => !known.has(id))).toEqual([]);
    else expect(again).toEqual([]);
  });
});

describe('a feed', () => {
  it('is asked for by its ETag, and brings what is new alone', async () => {
    const job = jobOf({ source: 'rss', seeds: [`${feed.url}/feed.xml`], hosts: [feed.host] });
    const crawl = { ...crawlRig(redis, job, origins), reader };
    expect(await openCrawl(crawl, job)).toEqual({ added: 0, records: 3 });
    expect(await openCrawl(crawl, job)).toEqual({ added: 0, records: 0 });
    expect(feed.answers.at(-1)).toBe(304);
    feed.posts.unshift('four');
    expect(await openCrawl(crawl, job)).toEqual({ added: 0, records: 1 });
    expect((await pendingRows(crawl)).map(({ title }) => title).sort()).toEqual(['four', 'one', 'three', 'two']);
    feed.posts.shift();
  });

  it('that no longer reaches back to a row says nothing of it; one that would show it says that it is gone', async () => {
    const job = jobOf({ source: 'rss', seeds: [`${feed.url}/feed.xml`], hosts: [feed.host] });
    const crawl = { ...crawlRig(redis, job, origins), reader };
    const [row] = await rowsOf(crawl);
    if (row === undefined) throw new Error('no row');
    const invented = { ...row, id: `rss:${feed.url}/none`, url: `${feed.url}/none` };
    const day = 86_400_000_000;
    const at = (createdAt: number | null) => respot(crawl, { ...invented, created_at: createdAt }, job);
    expect(await at((row.created_at ?? 0) + 30 * day)).toEqual({ outcome: 'gone', status: 200 });
    expect(await at((row.created_at ?? 0) - 30 * day)).toEqual({ outcome: 'unreachable', reason: 'no_longer_listed' });
    expect(await at(null)).toEqual({ outcome: 'unreachable', reason: 'no_longer_listed' });
  });
});

async function rowsOf(crawl: CrawlRig): Promise<DataRecord[]> {
  await openCrawl(crawl, crawl.job);
  for (let more = true; more;) {
    const { remaining } = await crawlBatch(crawl, { job: crawl.job, queue: 'http', pages: 50, owner: 'w' });
    more = remaining.http > 0;
  }
  return await pendingRows(crawl);
}

/** A site of posts with a feed of them; the feed answers If-None-Match. */
async function startFeed() {
  const posts = ['three', 'two', 'one'];
  const requests: string[] = [];
  const answers: number[] = [];
  const text = (post: string) => `What ${post} has to say, at some length so that it counts as text. `.repeat(8);
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push(path);
    const answer = (status: number, type = 'text/html', body = '', headers = {}) => {
      answers.push(status);
      response.writeHead(status, { 'content-type': type, ...headers }).end(body);
    };
    const post = path.slice(1);
    if (path === '/feed.xml') {
      const etag = `"${posts.join('.')}"`;
      if (request.headers['if-none-match'] === etag) return answer(304, undefined, '', { etag });
      const items = posts.map(
        (name, index) =>
          `<item><title>${name}</title><link>/${name}</link><guid isPermaLink="false">urn:${name}</guid>
          <pubDate>${new Date(Date.UTC(2026, 0, 20 - index)).toUTCString()}</pubDate><description>${text(name)}</description></item>`,
      );
      return answer(200, 'application/rss+xml', `<rss><channel>${items.join('')}</channel></rss>`, { etag });
    }
    if (path === '/') {
      const links = posts.map((name) => `<a href="/${name}">${name}</a>`).join(' ');
      return answer(200, 'text/html', `<title>Index</title><p>${text('the index')}</p>${links}`);
    }
    return posts.includes(post) ? answer(200, 'text/html', `<title>${post}</title><p>${text(post)}</p>`) : answer(404);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ posts, requests, answers, host, url: `http://${host}` },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
