import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkRow } from '../../activities/examine.ts';
import type { CrawlJob, CrawlPoliteness } from '../../src/core/crawl-job.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { crawlBatch } from '../../src/scrapers/crawl.ts';
import type { CrawlDeps } from '../../src/scrapers/crawl.ts';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';
import { openCrawl } from '../../src/scrapers/open-crawl.ts';
import { createPoliteness } from '../../src/scrapers/politeness.ts';
import type { Politeness } from '../../src/scrapers/politeness.ts';
import { respot } from '../../src/scrapers/respot.ts';
import { createSources, PUBLIC_ORIGINS } from '../../src/scrapers/sources.ts';
import { crawlRig, pendingRows } from '../support/crawl-rig.ts';
import { useStack } from '../support/stack.ts';

const connections: Redis[] = [];
const servers: Server[] = [];
let redis: Redis;

beforeAll(async () => {
  redis = await connect();
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => {
  for (const connection of connections) connection.disconnect();
});

async function connect(): Promise<Redis> {
  const connection = await connectRedis(useStack().redisState);
  connections.push(connection);
  return connection;
}

/** A site of any number of pages; gives its `host:port`. */
async function serve(robots: string, answer: (path: string, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/robots.txt') response.end(robots);
    else answer(path, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function page(path: string, response: ServerResponse): void {
  const text = `This is page ${path}, and what it says is said nowhere else on this site. `.repeat(6);
  response
    .setHeader('content-type', 'text/html')
    .end(`<!doctype html><html><head><title>${path}</title></head><body><p>${text}</p></body></html>`);
}

function jobOf(hosts: string[], politeness: Partial<CrawlPoliteness> = {}): CrawlJob {
  return {
    ...{ id: 'job', source: 'web', seeds: [], queries: [], hosts, allow_private: hosts, labels: {} },
    limits: { pages: 1000, depth: 5 },
    politeness: { delay_ms: null, per_host: 8, per_domain: 16, ...politeness },
  };
}

/** A worker of its own: nothing but Redis is shared. */
async function worker(hotkey: string, job: CrawlJob): Promise<CrawlDeps> {
  const own = await connect();
  return {
    frontier: createFrontier({ redis: own, hotkey, crawl: job.id }),
    fetch: createGuardedFetch({ allowPrivate: job.allow_private, userAgent: 'seine-test' }),
    browser: null,
    source: createSources(PUBLIC_ORIGINS).web,
    politeness: createPoliteness({ redis: own, hotkey, defaultDelayMs: 0 }),
    orderSeed: '5Miner',
    store: (bytes) => Promise.resolve(sha256Hex(bytes)),
    now: () => Date.now() * 1000,
    heartbeat: () => undefined,
  };
}

/** Runs batches until nothing remains. */
async function crawlAll(deps: CrawlDeps, job: CrawlJob): Promise<number> {
  for (let pages = 0; ;) {
    const result = await crawlBatch(deps, { job, queue: 'http', pages: 10, owner: randomUUID() });
    pages += result.pages;
    if (result.remaining.http === 0) return pages;
  }
}

const seedsOf = (host: string, count: number) =>
  Array.from({ length: count }, (_, place) => ({ url: `http://${host}/p${place}` }));

describe('two workers on one host', () => {
  it('keep its Crawl-delay together', async () => {
    const arrivals: number[] = [];
    const host = await serve('User-agent: *\nCrawl-delay: 0.06', (path, response) => {
      arrivals.push(performance.now());
      page(path, response);
    });
    const job = jobOf([host]);
    const hotkey = `test-${randomUUID()}`;
    const workers = [await worker(hotkey, job), await worker(hotkey, job)];
    await workers[0]?.frontier.add(seedsOf(host, 40));
    const pages = await Promise.all(workers.map((deps) => crawlAll(deps, job)));
    expect(pages.every((count) => count > 0)).toBe(true);
    expect(pages.reduce((sum, count) => sum + count, 0)).toBe(40);
    // A slow machine makes the gaps only longer, but for what the first requests were late: of five, one was not.
    const began = Math.min(...arrivals.slice(0, 5).map((at, turn) => at - turn * 60));
    expect((arrivals.at(-1) ?? 0) - began).toBeGreaterThan(38 * 60);
  });

  it('have no more requests under way there than the job allows', async () => {
    let underWay = 0;
    let most = 0;
    const host = await serve('', (path, response) => {
      most = Math.max(most, (underWay += 1));
      setTimeout(() => {
        underWay -= 1;
        page(path, response);
      }, 20);
    });
    const job = jobOf([host], { per_host: 3 });
    const hotkey = `test-${randomUUID()}`;
    const workers = [await worker(hotkey, job), await worker(hotkey, job)];
    await workers[0]?.frontier.add(seedsOf(host, 60));
    await Promise.all(workers.map((deps) => crawlAll(deps, job)));
    expect([most, await workers[0]?.frontier.stats()]).toMatchObject([3, { pages: 60, records: 60, queued: 0 }]);
  });
});

describe('a 429 storm', () => {
  it.each([
    ['with Retry-After', '1'],
    ['without', null],
  ])('backs off for all workers, costs no URL a try and ends (%s)', async (_, retryAfter) => {
    const paths = new Map<string, number>();
    let refused = 0;
    let served = 0;
    let stormEndsAt = 0;
    const host = await serve('', (path, response) => {
      paths.set(path, (paths.get(path) ?? 0) + 1);
      // However slowly they come, the one after each fifteenth begins a storm.
      if (served === 15) [served, stormEndsAt] = [0, performance.now() + 400];
      if (performance.now() < stormEndsAt) {
        refused += 1;
        response.writeHead(429, retryAfter === null ? {} : { 'retry-after': retryAfter }).end();
      } else {
        served += 1;
        page(path, response);
      }
    });
    const job = jobOf([host]);
    const hotkey = `test-${randomUUID()}`;
    const workers = [await worker(hotkey, job), await worker(hotkey, job)];
    await workers[0]?.frontier.add(seedsOf(host, 60));
    await Promise.all(workers.map((deps) => crawlAll(deps, job)));
    const stats = await workers[0]?.frontier.stats();
    expect(stats).toMatchObject({ records: 60, queued: 0, leased: 0, failed: 0, dead: 0 });
    expect(refused).toBeGreaterThan(0);
    expect([paths.size, [...paths.values()].reduce((sum, count) => sum + count, 0)]).toEqual([60, 60 + refused]);
  });

  it('that never ends, ends with dead letters and few requests', async () => {
    let requests = 0;
    const host = await serve('', (_, response) => {
      requests += 1;
      response.writeHead(429).end();
    });
    const job = jobOf([host]);
    const hotkey = `test-${randomUUID()}`;
    const deps = await worker(hotkey, job);
    await deps.frontier.add(seedsOf(host, 30));
    // As if it had been so for minutes.
    for (let strike = 0; strike < 8; strike += 1) {
      await deps.politeness.backOff(host, null);
      await redis.hset(`seine:{${hotkey}}:host:${host}`, 'until', '0');
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    await crawlBatch(deps, { job, queue: 'http', pages: 30, owner: 'w' });
    const { dead, queued, reasons } = await deps.frontier.stats();
    // One may have been waiting to begin when the first answer came; the next batch has it.
    expect([dead + queued, dead >= 29, reasons]).toEqual([30, true, { status_429: dead }]);
    expect(requests).toBeLessThanOrEqual(8);
    expect(await deps.frontier.requeue({ reason: 'status_429' })).toBe(dead);
  });
});

describe('redirects to another host', () => {
  it('take turns there, obey its robots.txt, and lose no page', async () => {
    const arrivals: number[] = [];
    const target = await serve('User-agent: *\nCrawl-delay: 0.06\nDisallow: /p3', (path, response) => {
      arrivals.push(performance.now());
      page(path, response);
    });
    const host = await serve('', (path, response) => {
      if (path.startsWith('/stays')) page(path, response);
      else response.writeHead(302, { location: `http://${target}${path}` }).end();
    });
    const crawl = crawlRig(redis, jobOf([host, target], { per_host: 2, per_domain: 2 }));
    const stays = [{ url: `http://${host}/stays1` }, { url: `http://${host}/stays2` }];
    await crawl.frontier.add([...seedsOf(host, 20), ...stays]);
    await crawlAll(crawl, crawl.job);
    const { records, reasons } = await crawl.frontier.stats();
    expect([records, reasons]).toEqual([21, { robots_disallowed: 1 }]);
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(17 * 60);
  });

  it('are put off while that host is to be left alone, and given up when that never ends', async () => {
    let requests = 0;
    const target = await serve('', page);
    const host = await serve('', (path, response) => {
      requests += 1;
      if (path === '/p0') response.writeHead(302, { location: `http://${target}/` }).end();
      else page(path, response);
    });
    const crawl = crawlRig(redis, jobOf([host, target]));
    await crawl.politeness.backOff(target, 3_600_000);
    await crawl.frontier.add(seedsOf(host, 5));
    await crawlBatch(crawl, { job: crawl.job, queue: 'http', pages: 5, owner: 'w' });
    expect(await crawl.frontier.stats()).toMatchObject({ records: 4, queued: 1, dead: 0 });
    for (let batch = 0; batch < 10; batch += 1) {
      await crawlBatch(crawl, { job: crawl.job, queue: 'http', pages: 5, owner: 'w' });
    }
    // Ten waits, and then tries that lie farther and farther apart.
    expect((await crawl.frontier.stats()).queues.http).toMatchObject({ ready: 0, delayed: 1 });
    expect(requests).toBe(15);
  });
});

describe('a robots.txt that is out of reach', () => {
  it('counts once a request, and closes the host for all that is under way', async () => {
    let asked = 0;
    let served = 0;
    const server = createServer((request, response) => {
      if (request.url !== '/robots.txt') {
        served += 1;
        page(request.url ?? '/', response);
      } else if ((asked += 1) <= 4) response.writeHead(503).end();
      else response.end('');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const crawl = crawlRig(redis, jobOf([host]));
    const strikes: number[] = [];
    const backOff: Politeness['backOff'] = async (at, retryAfterMs) => {
      const told = await crawl.politeness.backOff(at, retryAfterMs);
      strikes.push(told.strikes);
      return told;
    };
    await crawl.frontier.add(seedsOf(host, 5));
    const deps = { ...crawl, politeness: { ...crawl.politeness, backOff } };
    while ((await crawl.frontier.stats()).records < 5) {
      await crawlBatch(deps, { job: crawl.job, queue: 'http', pages: 5, owner: 'w' });
    }
    expect([strikes, asked, served]).toEqual([[1, 2, 3, 4], 5, 5]);
  });

  it('is asked for again when its server said', async () => {
    const server = createServer((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const crawl = crawlRig(redis, { ...jobOf([host]), seeds: [`http://${host}/`] });
    await openCrawl(crawl, crawl.job, 2000);
    expect(await crawl.politeness.pauseMs(host)).toBeGreaterThan(3_000_000);
  });
});

describe('a host that asked to be left alone', () => {
  it('for an hour makes the check of a row tell nothing, by one request', async () => {
    let requests = 0;
    let refuses = false;
    const host = await serve('', (path, response) => {
      requests += 1;
      if (refuses) response.writeHead(429, { 'retry-after': '3600' }).end();
      else page(path, response);
    });
    const crawl = crawlRig(redis, jobOf([host]));
    await crawl.frontier.add(seedsOf(host, 1));
    await crawlBatch(crawl, { job: crawl.job, queue: 'http', pages: 1, owner: 'w' });
    const [row] = await pendingRows(crawl);
    if (row === undefined) throw new Error('no row');
    refuses = true;
    requests = 0;
    const store = createFileStore(join(tmpdir(), `seine-${crawl.hotkey}`));
    const deps = { store, respot: (seen: DataRecord) => respot(crawl, seen, crawl.job) };
    const check = () => checkRow(deps, row, row.scraped_at + 1);
    expect(await check()).toMatchObject({ verdict: 'inconclusive', reason: 'status_429' });
    expect(await check()).toMatchObject({ verdict: 'inconclusive', reason: 'host_asked_to_wait' });
    expect(requests).toBe(1);
  });

  it('again and again has its lists left to the next run, and those of others read', async () => {
    let requests = 0;
    const strict = await serve('', (_, response) => {
      requests += 1;
      response.writeHead(429).end();
    });
    let reads = 0;
    const open = await serve('', (path, response) => {
      reads += 1;
      page(path, response);
    });
    const seeds = [...seedsOf(strict, 9), ...seedsOf(open, 2)].map(({ url }) => url);
    const crawl = crawlRig(redis, { ...jobOf([strict, open]), seeds });
    await openCrawl(crawl, crawl.job);
    // Both pages and the sitemap.
    expect([requests, reads]).toEqual([4, 3]);
    expect((await crawl.politeness.backOff(strict, null)).strikes).toBe(4);
  });
});

describe('a batch', () => {
  it('tells that it lives, and keeps its leases, while its rows are stored', async () => {
    const host = await serve('', page);
    const crawl = crawlRig(redis, jobOf([host]));
    await crawl.frontier.add(seedsOf(host, 1));
    let beats: (() => void) | null = null;
    let renewed = 0;
    const deps: CrawlDeps = {
      ...crawl,
      frontier: { ...crawl.frontier, renew: (request) => ((renewed += 1), crawl.frontier.renew(request)) },
      heartbeat: () => beats?.(),
      async store(bytes) {
        await new Promise<void>((resolve) => (beats = resolve));
        return await crawl.store(bytes);
      },
    };
    expect(await crawlBatch(deps, { job: crawl.job, queue: 'http', pages: 1, owner: 'w' })).toMatchObject({
      records: 1,
    });
    expect(renewed).toBeGreaterThan(0);
  });
});

describe('the lists of a job', () => {
  it('are read as slowly as the job asks, and those that take too long with the next run', async () => {
    let requests = 0;
    const host = await serve('', (path, response) => {
      requests += 1;
      page(path, response);
    });
    const seeds = seedsOf(host, 3).map(({ url }) => url);
    const crawl = crawlRig(redis, { ...jobOf([host], { delay_ms: 60_000 }), seeds });
    expect((await openCrawl(crawl, crawl.job, 5000)).added).toBe(3);
    expect(requests).toBe(1);
  });

  it('are not read for ever where hosts are silent', async () => {
    const host = await serve('', () => undefined);
    const seeds = seedsOf(host, 30).map(({ url }) => url);
    const crawl = crawlRig(redis, { ...jobOf([host]), seeds });
    const reads: string[] = [];
    const fetch: CrawlDeps['fetch'] = (url, request) => {
      if (!url.endsWith('/robots.txt')) reads.push(url);
      return crawl.fetch(url, { ...request, timeoutMs: 300 });
    };
    expect((await openCrawl({ ...crawl, fetch }, crawl.job, 500)).added).toBe(30);
    expect(reads.length).toBeLessThanOrEqual(3);
  });
});

describe('politeness', () => {
  const rig = () => {
    const hotkey = `test-${randomUUID()}`;
    return { hotkey, one: createPoliteness({ redis, hotkey }), two: createPoliteness({ redis, hotkey }) };
  };

  it('leaves a host alone for twice as long each time, and as long as it asks', async () => {
    const { one, two, hotkey } = rig();
    const again = () => redis.hset(`seine:{${hotkey}}:host:a`, 'until', '0');
    const waits: number[] = [];
    for (let strike = 1; strike <= 3; strike += 1) {
      const { waitMs, strikes } = await one.backOff('a', null);
      expect(strikes).toBe(strike);
      waits.push(waitMs);
      // What was under way at the same time is told the same, and counts once.
      expect((await two.backOff('a', null)).strikes).toBe(strike);
      await again();
    }
    expect(waits).toEqual([500, 1000, 2000]);
    expect((await one.backOff('a', 90_000)).waitMs).toBe(90_000);
    expect(await two.takeTurn('a', 10)).toBeGreaterThan(60_000);
    await expect(two.takeTurn('a', 10, 1000)).rejects.toMatchObject({ name: 'TurnTooFar', remedy: 'wait' });
    expect(await one.pauseMs('b')).toBe(0);
    await one.answered('a');
    expect((await one.backOff('a', null)).strikes).toBe(4);
    await again();
    await one.answered('a');
    expect(await one.backOff('a', null)).toMatchObject({ strikes: 1, waitMs: 500 });
  });

  it('takes no turn that lies too far ahead', async () => {
    const { one, two } = rig();
    expect(await one.takeTurn('a', 10_000, 5000)).toBe(0);
    for (const politeness of [one, two]) {
      await expect(politeness.takeTurn('a', 10_000, 5000)).rejects.toMatchObject({ name: 'TurnTooFar' });
    }
    expect(await two.takeTurn('a', 10_000)).toBeLessThanOrEqual(10_000);
  });

  it('shares slots of a host and a registrable domain, and takes back those of the dead', async () => {
    const { hotkey, one, two } = rig();
    const limits = { perHost: 4, perDomain: 5 };
    const takenBy = async ({ slots }: typeof one, host: string, count: number): Promise<number> => {
      let taken = 0;
      for (let turn = 0; turn < count; turn += 1) if (await slots.take(host, limits)) taken += 1;
      return taken;
    };
    expect([await takenBy(one, 'a.example.co.uk', 9), await takenBy(two, 'a.example.co.uk', 9)]).toEqual([4, 0]);
    expect(await takenBy(two, 'b.example.co.uk', 9)).toBe(1);
    expect(await takenBy(two, 'b.other.co.uk', 9)).toBe(4);
    one.slots.give('a.example.co.uk');
    expect(await takenBy(one, 'a.example.co.uk', 9)).toBe(1);
    // Its worker was killed: nobody renews them.
    const held = `seine:{${hotkey}}:slots:b.other.co.uk`;
    for (const slot of await redis.zrange(held, '0', '-1')) await redis.zadd(held, 1, slot);
    // The domain's own run out with them, but here they have not yet.
    expect([await takenBy(one, 'b.other.co.uk', 9), await redis.zcard(held)]).toEqual([1, 1]);
  });

  it('reads robots.txt once for all workers', async () => {
    let reads = 0;
    const server = createServer((_, response) => {
      reads += 1;
      response.end('User-agent: *\nDisallow: /no');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fetch = createGuardedFetch({ allowPrivate: [host], userAgent: 'seine-test' });
    const { one, two } = rig();
    for (const politeness of [one, two]) {
      const rules = await politeness.rules(`http://${host}/x`, fetch);
      expect([rules.allows(`http://${host}/no`), rules.allows(`http://${host}/yes`)]).toEqual([false, true]);
    }
    expect(reads).toBe(1);
  });
});
