import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/redis/connect.ts';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';
import type { Completion, Frontier, FrontierOptions, Lease, LeaseQueue } from '../../src/scrapers/frontier/frontier.ts';
import { createPoliteness } from '../../src/scrapers/politeness.ts';
import { useStack } from '../support/stack.ts';
import { createFrontierModel } from '../support/frontier-model.ts';

let redis: Redis;
beforeAll(async () => {
  redis = await connectRedis(useStack().redisState);
});
afterAll(() => redis.disconnect());

const LONG_MS = 600_000;
const frontierOf = (options: Partial<FrontierOptions> = {}): Frontier =>
  createFrontier({ redis, hotkey: `test-${randomUUID()}`, crawl: 'job', ...options });
const lease = (frontier: Frontier, count: number, owner = 'w', queue: LeaseQueue = 'http', leaseMs = LONG_MS) =>
  frontier.lease({ queue, count, owner, leaseMs });
const urlsOf = (leases: readonly Lease[]): string[] => leases.map(({ url }) => url);
const completion = (part: Partial<Completion>): Completion => ({
  ...{ owner: 'w', queue: 'http', batch: null, done: [], retry: [], release: [], browser: [], links: [] },
  ...{ pages: 0, records: 0, failed: {} },
  ...part,
});
const urls = (count: number, host = 'a.test', from = 0) =>
  Array.from({ length: count }, (_, place) => ({ url: `https://${host}/p${from + place}` }));

describe('the frontier', () => {
  it('does what a plain model of it does', async () => {
    const url = fc
      .record({ host: fc.constantFrom('a.test', 'b.test:8080', 'c.test'), page: fc.nat(40) })
      .map(({ host, page }) => `https://${host}/page-${page}`);
    const place = { depth: fc.nat(3), priority: fc.constantFrom(0, 5, 9) };
    const links = fc.array(fc.record({ url, ...place }), { maxLength: 12 });
    const owner = fc.constantFrom('one', 'two', 'three');
    const ends = fc.array(fc.constantFrom('done', 'retry', 'release', 'throttled', 'dead', 'keep'), { maxLength: 12 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), links }),
      fc.record({
        kind: fc.constant('lease' as const),
        owner,
        count: fc.integer({ min: 1, max: 9 }),
        isLost: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('complete' as const), owner, ends, links }),
      fc.record({ kind: fc.constant('requeue' as const), reason: fc.constantFrom('odd', 'even', null) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const frontier = frontierOf();
        const model = createFrontierModel();
        for (const item of steps) {
          if (item.kind === 'add') {
            expect(await frontier.add(item.links)).toBe(model.add(item.links));
          } else if (item.kind === 'lease') {
            const leases = await lease(frontier, item.count, item.owner, 'http', item.isLost ? 1 : LONG_MS);
            model.lease(leases, item.owner, item.count, item.isLost);
            if (item.isLost) await sleep(3);
          } else if (item.kind === 'complete') {
            const part = model.complete(item.owner, item.ends, item.links);
            expect(await frontier.complete(completion({ owner: item.owner, ...part.completion }))).toBe(
              part.isAccepted,
            );
          } else {
            const which = item.reason === null ? 'all' : { reason: item.reason };
            expect(await frontier.requeue(which)).toBe(model.requeue(item.reason));
          }
          expect(await frontier.stats()).toMatchObject(model.stats());
        }
        expect((await frontier.dead()).letters.map(({ url: dead, reason }) => ({ url: dead, reason }))).toEqual(
          model.dead(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('leases by priority, then depth, then arrival, and what was tried before first', async () => {
    const frontier = frontierOf();
    const at = (name: string) => `https://a.test/${name}`;
    await frontier.add([
      { url: at('deep'), depth: 9 },
      { url: at('first'), depth: 1 },
      { url: at('second'), depth: 1 },
      { url: at('late'), priority: 9 },
      { url: at('urgent'), depth: 3, priority: 0 },
      { url: at('seed') },
    ]);
    expect(urlsOf(await lease(frontier, 1))).toEqual([at('urgent')]);
    await frontier.complete(completion({ release: [at('urgent')] }));
    const order = ['urgent', 'seed', 'first', 'second', 'deep', 'late'];
    expect(urlsOf(await lease(frontier, 9))).toEqual(order.map(at));
  });

  it('lets hosts take turns and share a lease, however many URLs one of them has', async () => {
    const frontier = frontierOf();
    await frontier.add([...urls(500, 'big.test'), ...urls(3, 'small.test')]);
    const hosts = (leases: readonly Lease[]) => leases.map(({ url }) => new URL(url).host);
    const first = hosts(await lease(frontier, 10));
    expect([first.filter((host) => host === 'small.test').length, first.length]).toEqual([3, 10]);
    const single = frontierOf();
    await single.add([...urls(5, 'a.test'), ...urls(5, 'b.test'), ...urls(5, 'c.test')]);
    const turns: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      turns.push(...hosts(await lease(single, 1)));
      await sleep(3);
    }
    expect([new Set(turns.slice(0, 3)).size, new Set(turns.slice(3)).size]).toEqual([3, 3]);
  });

  it('passes over a host that is to be left alone, and holds no more of a slow one than it can fetch', async () => {
    const hotkey = `test-${randomUUID()}`;
    const politeness = createPoliteness({ redis, hotkey });
    const frontier = frontierOf({ hotkey });
    await frontier.add([...urls(50, 'busy.test'), ...urls(50, 'slow.test'), ...urls(5, 'free.test')]);
    await politeness.backOff('busy.test', 60_000);
    await politeness.takeTurn('slow.test', 3000);
    const leases = urlsOf(await lease(frontier, 100));
    const of = (host: string) => leases.filter((url) => url.includes(host)).length;
    expect([of('busy.test'), of('slow.test'), of('free.test')]).toEqual([0, 10, 5]);
    const stats = await frontier.stats();
    expect(stats.hosts.waiting).toBeGreaterThanOrEqual(1);
    expect(stats.queues.http.ready).toBe(90);
  });

  it('queues no more of one shape than a host may have, and no traps', async () => {
    const frontier = frontierOf({ maxOfShape: { plain: 5, query: 2 } });
    const calendar = Array.from({ length: 9 }, (_, day) => ({ url: `https://a.test/calendar/2024/${day}` }));
    const sorted = Array.from({ length: 9 }, (_, page) => ({ url: `https://a.test/list?page=${page}&sort=up` }));
    const other = [{ url: 'https://b.test/calendar/2024/1' }, { url: 'https://a.test/list?page=1' }];
    expect(await frontier.add([...calendar, ...sorted, ...other])).toBe(5 + 2 + 2);
    await frontier.add([{ url: `https://a.test/${'x'.repeat(3000)}` }, { url: 'https://a.test/a/b/a/b/a/b' }]);
    await lease(frontier, 1);
    await frontier.complete(completion({ links: [{ url: 'https://a.test/q?a&b&c&d&e&f&g&h&i&j&k' }] }));
    expect((await frontier.stats()).passed).toEqual({
      ...{ shape_limit: 11, url_too_long: 1, repeated_segments: 1, too_many_parameters: 1 },
    });
  });

  it('takes what found no room once there is some', async () => {
    const frontier = frontierOf({ maxReady: 10 });
    expect(await frontier.add(urls(25))).toBe(10);
    expect((await frontier.stats()).passed).toEqual({ no_room: 15 });
    await lease(frontier, 4);
    expect(await frontier.add(urls(25))).toBe(4);
    expect(await frontier.stats()).toMatchObject({ seen: 14, queued: 10, leased: 4 });
  });

  it('sends a host to the browser once its pages need one, and back when they no longer do', async () => {
    const frontier = frontierOf();
    await frontier.add(urls(3));
    const [one = '', two = '', three = ''] = urlsOf(await lease(frontier, 3));
    const learn = async (part: Partial<Completion>): Promise<boolean> => frontier.complete(completion(part));
    const scripted = (count: number) => ({ 'a.test': { scripted: count, plain: 0 } });
    await learn({ browser: [one, two], learned: scripted(2), links: urls(10, 'a.test', 10) });
    expect((await frontier.stats()).queues).toMatchObject({ http: { ready: 10 }, browser: { ready: 2 } });
    await learn({ browser: [three], learned: scripted(1), links: [...urls(100, 'a.test', 100), ...urls(5, 'b.test')] });
    expect((await frontier.stats()).queues).toMatchObject({ http: { ready: 10 + 5 + 5 }, browser: { ready: 3 + 95 } });
    const [plain = ''] = urlsOf(await lease(frontier, 1));
    await learn({ done: [plain], learned: { 'a.test': { scripted: 0, plain: 1 } }, links: urls(50, 'a.test', 500) });
    expect((await frontier.stats()).queues).toMatchObject({ http: { ready: 19 + 50 }, browser: { ready: 98 } });
  });

  it('keeps dead letters that can be listed by pages and requeued', async () => {
    const frontier = frontierOf({ maxDead: 250 });
    await frontier.add(urls(300).map((link) => ({ ...link, depth: 7 })));
    const held = urlsOf(await lease(frontier, 300));
    const dead = held.map((url, place) => ({ url, reason: place % 3 === 0 ? 'robots_disallowed' : 'status 403' }));
    expect(await frontier.complete(completion({ dead }))).toBe(true);
    const listed: string[] = [];
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page: Awaited<ReturnType<Frontier['dead']>> = await frontier.dead({ cursor, count: 100 });
      listed.push(...page.letters.map(({ url }) => url));
      cursor = page.next;
    }
    expect(listed).toEqual(held.slice(0, 250));
    const [letter] = (await frontier.dead({ count: 1 })).letters;
    expect(letter).toMatchObject({ url: held[0], reason: 'robots_disallowed', attempts: 0, depth: 7 });
    expect(await frontier.stats()).toMatchObject({ dead: 250, failed: 300, queued: 0 });
    expect(await frontier.requeue({ urls: [held[1] ?? '', held[1] ?? '', 'https://a.test/unknown'] })).toBe(1);
    expect(await frontier.requeue({ reason: 'robots_disallowed' })).toBe(84);
    expect(await frontier.requeue('all')).toBe(165);
    expect(await frontier.requeue('all')).toBe(0);
    expect(await frontier.stats()).toMatchObject({ dead: 0, failed: 50, queued: 250 });
    expect((await lease(frontier, 1))[0]).toMatchObject({ depth: 7, attempts: 0, waits: 0 });
  });

  it('renews leases, and not those that passed to another', async () => {
    const frontier = frontierOf();
    await frontier.add(urls(3));
    const held = urlsOf(await lease(frontier, 3, 'w', 'http', 1000));
    const renew = (owner: string) => frontier.renew({ queue: 'http', owner, urls: held, leaseMs: LONG_MS });
    expect([await renew('w'), await renew('other')]).toEqual([3, 0]);
    await sleep(1050);
    expect(await lease(frontier, 3, 'other')).toEqual([]);
    const twice = completion({ done: held.slice(0, 1), release: held.slice(0, 1) });
    expect(await frontier.complete(twice)).toBe(false);
    expect(await frontier.complete(completion({ done: held, owner: 'other' }))).toBe(false);
    expect(await frontier.stats()).toMatchObject({ leased: 3, queued: 0 });
    expect(await frontier.complete(completion({ done: held }))).toBe(true);
    expect(await frontier.complete(completion({ done: held }))).toBe(false);
    expect(await frontier.stats()).toMatchObject({ leased: 0, queued: 0 });
  });

  it('tries again when it is time, with the attempt counted', async () => {
    const frontier = frontierOf();
    await frontier.add(urls(1));
    const [url = ''] = urlsOf(await lease(frontier, 1));
    await frontier.complete(completion({ retry: [{ url, afterMs: 60_000 }] }));
    expect(await lease(frontier, 1)).toEqual([]);
    const { http } = (await frontier.stats()).queues;
    expect([http.delayed, (http.waitMs ?? 0) > 30_000]).toEqual([1, true]);
    const soon = frontierOf();
    await soon.add(urls(1));
    await lease(soon, 1);
    await soon.complete(completion({ retry: [{ url, afterMs: 1 }] }));
    await sleep(5);
    expect(await lease(soon, 1)).toEqual([{ url, depth: 0, attempts: 1, waits: 0 }]);
  });

  it('keeps what was seen in small sets, each URL once, however many there are', async () => {
    const hotkey = `test-${randomUUID()}`;
    const total = 30_000;
    await frontierOf({ hotkey }).add(urls(total));
    expect(await frontierOf({ hotkey }).add(urls(total))).toBe(0);
    const frontier = frontierOf({ hotkey });
    expect(await frontier.stats()).toMatchObject({ seen: total, queued: total });
    const sets = await redis.keys(`seine:{${hotkey}}:crawl:job:seen:[0-9]*`);
    const encodings = new Set<unknown>();
    let members = 0;
    for (const name of sets) {
      encodings.add(await redis.object('ENCODING', name));
      members += await redis.scard(name);
    }
    expect([members, [...encodings]]).toEqual([total, ['intset']]);
  });

  it('loses and doubles nothing with ten workers at once, some of which are too slow', async () => {
    const hotkey = `test-${randomUUID()}`;
    const total = 3000;
    const link = (place: number) => ({ url: `https://h${place % 7}.test/p${place}`, depth: 1 });
    await frontierOf({ hotkey }).add([link(0)]);
    const done: string[] = [];
    let refused = 0;
    const work = async (worker: number): Promise<void> => {
      const frontier = frontierOf({ hotkey });
      for (let round = 0; ; round += 1) {
        const isSlow = (round + worker) % 5 === 4;
        const owner = `${worker}/${round}`;
        const leases = await lease(frontier, 25, owner, 'http', isSlow ? 1 : LONG_MS);
        const stats = await frontier.stats();
        if (leases.length === 0 && stats.queued + stats.leased === 0) return;
        if (leases.length === 0) await sleep(2);
        if (isSlow) await sleep(4);
        const held = urlsOf(leases);
        const links = held.flatMap((url) => {
          const place = Number(url.split('/p')[1]);
          return [place * 2 + 1, place * 2 + 2, place + 1].filter((next) => next < total).map(link);
        });
        const [release, finished] = [held.slice(0, round % 3), held.slice(round % 3)];
        if (held.length === 0) continue;
        if (await frontier.complete(completion({ owner, done: finished, release, links, pages: finished.length }))) {
          done.push(...finished);
        } else refused += 1;
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, worker) => work(worker)));
    expect([done.length, new Set(done).size]).toEqual([total, total]);
    expect(await frontierOf({ hotkey }).stats()).toMatchObject({ pages: total, seen: total, queued: 0, leased: 0 });
    expect(refused).toBeGreaterThan(0);
  });
});
