import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/core/record.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { openBrowserPool } from '../../src/scrapers/browser/pool.ts';
import type { BrowserPool } from '../../src/scrapers/browser/pool.ts';
import { openSharedBrowser } from '../../src/scrapers/browser/shared-browser.ts';
import type { SharedBrowser } from '../../src/scrapers/browser/shared-browser.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { crawlBatch } from '../../src/scrapers/crawl.ts';
import type { CrawlDeps } from '../../src/scrapers/crawl.ts';
import { openCrawl } from '../../src/scrapers/open-crawl.ts';
import { createPoliteness } from '../../src/scrapers/politeness.ts';
import { respot } from '../../src/scrapers/respot.ts';
import { resolveChromium } from '../../stack/browser.ts';
import { openPageReader } from '../../src/scrapers/page-reader.ts';
import { PUBLIC_ORIGINS } from '../../src/scrapers/sources.ts';
import { crawlRig, jobOf } from '../support/crawl-rig.ts';
import type { CrawlRig } from '../support/crawl-rig.ts';
import { useStack } from '../support/stack.ts';

const SENTENCE = 'Every page of this site says something of its own, at some length, so that it counts as text. ';
const page = (title: string, body = '', head = ''): string =>
  `<!doctype html><html><head><title>${title}</title>${head}</head><body><h1>${title}</h1><p>${title}: ${SENTENCE.repeat(4)}</p>${body}</body></html>`;
const SCRIPTED = `<!doctype html><html><head><title>Scripted</title></head><body><div id="app"></div>
  <script>
    const socket = new WebSocket('ws://' + location.host + '/socket');
    fetch('http://localhost:' + location.port + '/forbidden').catch(() => undefined);
    fetch('/data.json').then((answer) => answer.json()).then(({ text }) => {
      document.getElementById('app').innerHTML = '<p>' + text + '</p><a href="/behind">behind</a>';
    });
  </script></body></html>`;

let redis: Redis;
let host: string;
let shared: SharedBrowser;
let browser: BrowserPool;
const reader = openPageReader({ origins: PUBLIC_ORIGINS });
let hits: string[] = [];
let failing = 0;
const gone = new Set<string>();
const server = createServer((request, response) => {
  hits.push(request.url ?? '');
  serve(request.url ?? '/', response);
});

function serve(path: string, response: ServerResponse): void {
  const html = (text: string): unknown => response.setHeader('content-type', 'text/html').end(text);
  const xml = (text: string): unknown => response.setHeader('content-type', 'application/xml').end(text);
  const moved = (location: string): unknown => response.writeHead(302, { location }).end();
  const site = `http://${host}`;
  const feed = '<link rel="alternate" type="application/atom+xml" href="/feed.xml">';
  const routes: Record<string, () => unknown> = {
    '/': () =>
      html(page('Index', '<a href="/a">a</a><a href="/a?utm_source=x">a</a><a href="http://other.test/">o</a>', feed)),
    '/a': () => html(page('Page a', '<a href="/">up</a><a href="/secret/x">secret</a>')),
    '/b': () => response.setHeader('last-modified', 'Wed, 21 Oct 2015 07:28:00 GMT') && html(page('Page b')),
    '/c': () => html(page('Page c')),
    '/robots.txt': () => response.end(`User-agent: *\nDisallow: /secret\nCrawl-delay: 0.005\nSitemap: ${site}/map.xml`),
    '/map.xml': () => xml(`<sitemapindex><sitemap><loc>${site}/map1.xml</loc></sitemap></sitemapindex>`),
    '/map1.xml': () => xml(`<urlset><url><loc>${site}/b</loc></url><url><loc>http://other.test/x</loc></url></urlset>`),
    '/feed.xml': () => xml('<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/c"/></entry></feed>'),
    '/scripted': () => html(SCRIPTED),
    '/hangs': () => html('<script>for (;;) {}</script>'),
    '/data.json': () =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ text: SENTENCE.repeat(5) })),
    '/big': () => html('x'.repeat(10_000_000)),
    '/loop': () => moved('/loop'),
    '/to-scripted': () => moved('/scripted'),
    '/inside': () => moved('http://10.0.0.1/'),
    '/metadata': () => moved('http://169.254.169.254/latest/meta-data/'),
    '/scheme': () => moved('file:///etc/passwd'),
    '/unsteady': () => (failing-- > 0 ? response.writeHead(503, { 'retry-after': '0' }).end() : html(page('Unsteady'))),
  };
  const route = gone.has(path) ? undefined : routes[path];
  if (route === undefined) response.writeHead(404).end();
  else route();
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  redis = await connectRedis(useStack().redisState);
  shared = openSharedBrowser({
    executablePath: resolveChromium(process.env),
    pages: 2,
    userAgent: 'seine-test',
    log: () => undefined,
  });
  const fetch = createGuardedFetch({ allowPrivate: [host], userAgent: 'seine-test' });
  browser = openBrowserPool({ browser: shared, fetch, allowHosts: [host] });
});

afterAll(async () => {
  await shared.close();
  await reader.close();
  redis.disconnect();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  hits = [];
  failing = 0;
  gone.clear();
});

/** A crawl of its own, with a miner of its own. */
function rig(paths: string[], more: Partial<CrawlDeps> = {}): CrawlRig {
  const seeds = paths.map((path) => (path.startsWith('/') ? `http://${host}${path}` : path));
  return { ...crawlRig(redis, jobOf({ seeds, hosts: [host] })), browser, reader, ...more };
}

/** Runs batches until nothing remains; all rows of all pending batches, by title. */
async function crawlAll(
  crawl: CrawlRig,
  pages = 50,
): Promise<{ rows: Map<string, DataRecord>; failed: Record<string, number> }> {
  const failed: Record<string, number> = {};
  for (const queue of ['http', 'browser'] as const) {
    for (;;) {
      const result = await crawlBatch(crawl, { job: crawl.job, queue, pages, owner: 'w' });
      for (const [reason, count] of Object.entries(result.failed)) failed[reason] = (failed[reason] ?? 0) + count;
      if (result.remaining[queue] === 0) break;
    }
  }
  return { rows: await pendingRows(crawl), failed };
}

async function pendingRows(crawl: CrawlRig): Promise<Map<string, DataRecord>> {
  const rows = new Map<string, DataRecord>();
  for (const digest of await crawl.frontier.pendingBatches()) {
    for (const line of (crawl.stored.get(digest) ?? '').split('\n').filter((text) => text !== '')) {
      const row = JSON.parse(line) as DataRecord;
      expect(rows.has(row.title ?? '')).toBe(false);
      rows.set(row.title ?? '', row);
    }
  }
  return rows;
}

describe('a crawl', () => {
  it('follows links, sitemaps and feeds within its hosts, fetches each page once and heeds robots.txt', async () => {
    const crawl = rig(['/']);
    const opened = await openCrawl(crawl, crawl.job);
    expect(opened).toEqual({ added: 4, records: 0 });
    expect((await openCrawl(crawl, crawl.job)).added).toBe(0);
    hits = [];
    const { rows, failed } = await crawlAll(crawl, 2);
    expect([...rows.keys()].sort()).toEqual(['Index', 'Page a', 'Page b', 'Page c']);
    expect(hits.filter((path) => path !== '/feed.xml').sort()).toEqual(['/', '/a', '/b', '/c']);
    expect(failed).toEqual({ robots_disallowed: 1 });
    expect(await crawl.frontier.stats()).toMatchObject({ queued: 0, leased: 0, records: 4, failed: 1 });
  });

  it('gives hostile pages up with their reason, and goes on', async () => {
    const crawl = rig([
      '/big',
      '/loop',
      '/inside',
      '/metadata',
      '/scheme',
      '/missing',
      '/b',
      'ftp://other.test/',
      'file:///etc/passwd',
    ]);
    await openCrawl(crawl, crawl.job);
    const { rows, failed } = await crawlAll(crawl);
    expect([...rows.keys()]).toEqual(['Page b']);
    expect(failed).toEqual({ BodyTooLarge: 1, TooManyRedirects: 1, host_not_in_job: 2, UrlNotHttp: 1, status_404: 1 });
  });

  it('tries again what may pass', async () => {
    const crawl = rig(['/unsteady']);
    await crawl.frontier.add(crawl.job.seeds.map((url) => ({ url })));
    failing = 2;
    const { rows, failed } = await crawlAll(crawl);
    expect([[...rows.keys()], failed]).toEqual([['Unsteady'], {}]);
    expect(hits.filter((path) => path === '/unsteady')).toHaveLength(3);
  });

  it('lets a real browser show what needs scripts, which reaches nothing but the job’s hosts', async () => {
    const crawl = rig(['/scripted']);
    await crawl.frontier.add(crawl.job.seeds.map((url) => ({ url })));
    const first = await crawlBatch(crawl, { job: crawl.job, queue: 'http', pages: 10, owner: 'w' });
    expect(first).toMatchObject({ records: 0, remaining: { http: 0, browser: 1 }, batch: null });
    await crawlBatch(crawl, { job: crawl.job, queue: 'browser', pages: 10, owner: 'w' });
    const row = (await pendingRows(crawl)).get('Scripted');
    expect(row?.text).toContain(SENTENCE.trim());
    expect(row?.fetch.extractor).toBe('web-2+browser');
    expect(hits).not.toContain('/forbidden');
    expect(hits).not.toContain('/socket');
    expect((await crawl.frontier.stats()).queues.http.ready).toBe(1);
    if (row === undefined) throw new Error('no row');
    expect(await respot(crawl, row, crawl.job)).toMatchObject({
      outcome: 'shown',
      record: { id: row.id, text: row.text },
    });
  });

  it('shows in the browser where a redirect leads, by the rules of each step', async () => {
    const crawl = rig(['/to-scripted']);
    const [url = ''] = crawl.job.seeds;
    const turns: string[] = [];
    const takeTurn: typeof crawl.politeness.takeTurn = (at, ...rest) => {
      turns.push(at);
      return crawl.politeness.takeTurn(at, ...rest);
    };
    const deps = { ...crawl, politeness: { ...crawl.politeness, takeTurn } };
    await crawl.frontier.add([{ url }]);
    for (const queue of ['http', 'browser'] as const) {
      await crawlBatch(deps, { job: crawl.job, queue, pages: 10, owner: 'w' });
    }
    expect((await pendingRows(crawl)).get('Scripted')).toMatchObject({
      url: `http://${host}/scripted`,
      fetch: { extractor: 'web-2+browser' },
    });
    expect(turns).toHaveLength(4);
  });

  it('ends a page that hangs, and shows the next one', async () => {
    await expect(browser.render(`http://${host}/hangs`, { timeoutMs: 2500 })).rejects.toMatchObject({
      name: 'FetchTimeout',
    });
    expect((await browser.render(`http://${host}/b`)).status).toBe(200);
  });
});

describe('a crash', () => {
  const lease = (crawl: CrawlRig, owner: string, leaseMs: number) =>
    crawl.frontier.lease({ queue: 'http', count: 10, owner, leaseMs });
  const outcome = (owner: string, done: string[], batch: string | null) =>
    ({
      owner,
      queue: 'http',
      batch,
      done,
      retry: [],
      release: [],
      browser: [],
      links: [],
      pages: 1,
      records: 1,
      failed: {},
    }) as const;

  it('between storing and noting a batch loses nothing and doubles nothing', async () => {
    const crawl = rig(['/a', '/b', '/c']);
    await crawl.frontier.add(crawl.job.seeds.map((url) => ({ url })));
    const doomed: CrawlDeps = {
      ...crawl,
      frontier: {
        ...crawl.frontier,
        lease: (request) => crawl.frontier.lease({ ...request, leaseMs: 300 }),
        complete: () => Promise.reject(new Error('killed')),
      },
    };
    await expect(crawlBatch(doomed, { job: crawl.job, queue: 'http', pages: 50, owner: 'w' })).rejects.toThrow(
      'killed',
    );
    expect(await crawl.frontier.pendingBatches()).toEqual([]);
    expect(await crawl.frontier.stats()).toMatchObject({ leased: 3, pages: 0 });
    const { rows } = await crawlAll(crawl);
    expect([...rows.keys()].sort()).toEqual(['Index', 'Page a', 'Page b', 'Page c']);
    expect(await crawl.frontier.stats()).toMatchObject({ queued: 0, leased: 0, records: 4 });
  });

  it('leaves no say to a worker whose leases have passed to another', async () => {
    const crawl = rig(['/a']);
    const [url = ''] = crawl.job.seeds;
    await crawl.frontier.add([{ url }]);
    expect(await lease(crawl, 'slow', 1)).toEqual([{ url, depth: 0, attempts: 0, waits: 0 }]);
    await sleep(20);
    expect(await lease(crawl, 'quick', 60_000)).toEqual([{ url, depth: 0, attempts: 1, waits: 0 }]);
    expect(await lease(crawl, 'third', 60_000)).toEqual([]);
    expect(await crawl.frontier.renew({ queue: 'http', owner: 'slow', urls: [url], leaseMs: 1 })).toBe(0);
    expect(await crawl.frontier.complete(outcome('slow', [url], 'slow-batch'))).toBe(false);
    expect(await crawl.frontier.complete(outcome('quick', [url], 'quick-batch'))).toBe(true);
    expect(await crawl.frontier.complete(outcome('quick', [url], 'quick-batch'))).toBe(false);
    expect(await crawl.frontier.pendingBatches()).toEqual(['quick-batch']);
    expect(await crawl.frontier.stats()).toMatchObject({ pages: 1, records: 1, seen: 1 });
    await crawl.frontier.dropBatches(['quick-batch']);
    expect(await crawl.frontier.pendingBatches()).toEqual([]);
  });

  it('gives up a page that took four workers with it', async () => {
    const crawl = rig(['/b']);
    await crawl.frontier.add(crawl.job.seeds.map((url) => ({ url })));
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await lease(crawl, `w${attempt}`, 1)).toHaveLength(1);
      await sleep(20);
    }
    expect((await crawlAll(crawl)).failed).toEqual({ worker_lost: 1 });
    expect(hits).toEqual([]);
  });

  it('hands back what an aborted batch had not begun', async () => {
    const stop = new AbortController();
    const crawl = rig(['/a', '/b', '/c']);
    await crawl.frontier.add(crawl.job.seeds.map((url) => ({ url })));
    stop.abort();
    const batch = crawlBatch(
      { ...crawl, signal: stop.signal },
      { job: crawl.job, queue: 'http', pages: 9, owner: 'w' },
    );
    await expect(batch).rejects.toThrow(stop.signal.reason as Error);
    expect((await crawl.frontier.stats()).queues.http).toMatchObject({ ready: 3, delayed: 0, leased: 0 });
  });
});

describe('politeness', () => {
  it('gives turns a delay apart to all workers of a hotkey, each host its own', async () => {
    const hotkey = `test-${randomUUID()}`;
    const [one, two] = [createPoliteness({ redis, hotkey }), createPoliteness({ redis, hotkey })];
    const waits = [await one.takeTurn('a', 10_000), await two.takeTurn('a', 10_000), await one.takeTurn('a', 10_000)];
    expect(waits[0]).toBe(0);
    expect(waits[1]).toBeGreaterThan(5000);
    expect(waits[2]).toBeGreaterThan(15_000);
    expect(await one.takeTurn('b', 10_000)).toBe(0);
  });
});

describe('respot', () => {
  it('tells what is shown, gone and out of reach apart', async () => {
    const crawl = rig(['/b']);
    await crawl.frontier.add(crawl.job.seeds.map((url) => ({ url })));
    const row = (await crawlAll(crawl)).rows.get('Page b');
    if (row === undefined) throw new Error('no row');
    expect(await respot(crawl, row, crawl.job)).toMatchObject({
      outcome: 'shown',
      record: { id: row.id, text: row.text, fetch: { body_sha256: row.fetch.body_sha256 } },
      lastModified: Date.UTC(2015, 9, 21, 7, 28) * 1000,
    });
    gone.add('/b');
    expect(await respot(crawl, row, crawl.job)).toEqual({ outcome: 'gone', status: 404 });
    failing = 9;
    const at = (url: string) => respot(crawl, { ...row, url }, crawl.job);
    expect(await at(`http://${host}/unsteady`)).toEqual({ outcome: 'unreachable', reason: 'status_503' });
    expect(await at(`http://${host}/inside`)).toEqual({ outcome: 'unreachable', reason: 'host_not_in_job' });
    expect(await at('http://127.0.0.1:1/')).toEqual({ outcome: 'unreachable', reason: 'host_not_in_job' });
  });
});
