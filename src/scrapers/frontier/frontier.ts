import type { Redis } from 'ioredis';
import { sha256 } from '../../core/hash/sha256.ts';
import type { Digest } from '../../core/manifest.ts';
import { keyspace } from '../../redis/keys.ts';
import { loadScript } from '../../redis/scripts.ts';

/** Pages are fetched by HTTP first; those that show their text only after scripts ran go to the browser. */
export type LeaseQueue = 'http' | 'browser';

export interface FrontierUrl {
  /** Canonical. */
  url: string;
  /** Links from a seed. @default 0 */
  depth?: number;
}

export interface Lease {
  url: string;
  depth: number;
  /** Tries that failed, or whose worker was lost, before this one. */
  attempts: number;
}

export interface LeaseRequest {
  queue: LeaseQueue;
  count: number;
  /** Unique among all who lease at the same time. */
  owner: string;
  leaseMs: number;
}

/** What came of leased URLs; every URL is one of the owner's leases of this queue. */
export interface Completion {
  owner: string;
  queue: LeaseQueue;
  /** Stored rows of these pages, to be sealed; null when there are none. */
  batch: Digest | null;
  /** Never to be fetched again in this crawl. */
  done: readonly string[];
  /** To be tried again, counted as an attempt. */
  retry: readonly { url: string; afterMs: number }[];
  /** To be fetched by whoever leases them next, not counted as an attempt. */
  release: readonly string[];
  /** To be fetched by a browser. */
  browser: readonly string[];
  /** Found on these pages; what was seen before is passed over. */
  links: readonly FrontierUrl[];
  pages: number;
  records: number;
  /** Given-up URLs by reason. */
  failed: Readonly<Record<string, number>>;
}

export interface QueueStats {
  ready: number;
  /** Waiting to be tried again. */
  delayed: number;
  leased: number;
}

export interface FrontierStats {
  /** Ready or delayed, in both queues. */
  queued: number;
  leased: number;
  seen: number;
  pages: number;
  records: number;
  failed: number;
  /** Given-up URLs by reason. */
  reasons: Record<string, number>;
  queues: Record<LeaseQueue, QueueStats>;
}

/** The durable list of what to fetch next, and of what was ever found, of one crawl. */
export interface Frontier {
  /** Returns how many were new. */
  add(urls: readonly FrontierUrl[]): Promise<number>;
  lease(request: LeaseRequest): Promise<Lease[]>;
  /** Returns how many of the leases are still the owner's. */
  renew(request: { queue: LeaseQueue; owner: string; urls: readonly string[]; leaseMs: number }): Promise<number>;
  /**
   * Notes everything in one step, so that a crash loses and doubles nothing: before it the leases run out and the pages are
   * fetched anew, after it they are done. Returns false, and changes nothing, when any of the leases was lost.
   */
  complete(completion: Completion): Promise<boolean>;
  /** Digests of batches that wait to be sealed, oldest first. */
  pendingBatches(): Promise<Digest[]>;
  dropBatches(digests: readonly Digest[]): Promise<void>;
  stats(): Promise<FrontierStats>;
}

export interface FrontierOptions {
  /** The `state` role: it must not lose what it has acknowledged. */
  redis: Redis;
  hotkey: string;
  /** Id of the crawl: its job's. */
  crawl: string;
  /** URLs that may be ready at once; a site without end must not fill the server. @default 1,000,000 */
  maxReady?: number;
}

export function createFrontier({ redis, hotkey, crawl, maxReady = 1_000_000 }: FrontierOptions): Frontier {
  const key = (...parts: string[]): string => keyspace(hotkey)('crawl', crawl, ...parts);
  const [seen, urls, batches, counters] = [key('seen'), key('urls'), key('batches'), key('counters')];
  const ready = (queue: LeaseQueue): string => key('ready', queue);
  const delayed = (queue: LeaseQueue): string => key('delayed', queue);
  const leases = (queue: LeaseQueue): string => key('leases', queue);

  return {
    async add(list) {
      let added = 0;
      for (let at = 0; at < list.length; at += ADD_AT_ONCE) {
        const links = linkArguments(list.slice(at, at + ADD_AT_ONCE));
        added += Number(await addUrls(redis, [seen, ready('http'), urls, counters], [maxReady, ...links]));
      }
      return added;
    },

    async lease({ queue, count, owner, leaseMs }) {
      const keys = [ready(queue), delayed(queue), leases(queue), urls];
      const flat = (await leaseUrls(redis, keys, [count, owner, leaseMs])) as string[];
      return Array.from({ length: flat.length / 3 }, (_, index) => ({
        url: flat[index * 3] ?? '',
        depth: Number(flat[index * 3 + 1]),
        attempts: Number(flat[index * 3 + 2]),
      }));
    },

    async renew({ queue, owner, urls: held, leaseMs }) {
      return Number(await renewLeases(redis, [leases(queue), urls], [owner, leaseMs, ...held]));
    },

    async complete({ owner, queue, batch, done, retry, release, browser, links, pages, records, failed }) {
      const reasons = Object.entries(failed).map(([reason, count]) => [FAILED + reason, count] as const);
      const counts = Object.fromEntries([['pages', pages], ['records', records], ...reasons]) as Record<string, number>;
      const keys = [
        seen,
        ready('http'),
        ready(queue),
        delayed(queue),
        leases(queue),
        ready('browser'),
        urls,
        batches,
        counters,
      ];
      const result = JSON.stringify({ owner, batch: batch ?? '', done, retry, release, browser, counts });
      return (await completeLeases(redis, keys, [result, maxReady, ...linkArguments(links)])) === 1;
    },

    pendingBatches: () => redis.zrange(batches, '0', '-1'),

    async dropBatches(digests) {
      if (digests.length > 0) await redis.zrem(batches, ...digests);
    },

    async stats() {
      const [http, browser, seenCount, counts] = await Promise.all([
        queueStats('http'),
        queueStats('browser'),
        redis.scard(seen),
        redis.hgetall(counters),
      ]);
      const reasons = Object.fromEntries(
        Object.entries(counts)
          .filter(([name]) => name.startsWith(FAILED))
          .map(([name, count]) => [name.slice(FAILED.length), Number(count)]),
      );
      return {
        queued: http.ready + http.delayed + browser.ready + browser.delayed,
        leased: http.leased + browser.leased,
        seen: seenCount,
        pages: Number(counts['pages'] ?? 0),
        records: Number(counts['records'] ?? 0),
        failed: Object.values(reasons).reduce((sum, count) => sum + count, 0),
        reasons,
        queues: { http, browser },
      };
    },
  };

  async function queueStats(queue: LeaseQueue): Promise<QueueStats> {
    const [readyCount, delayedCount, leased] = await Promise.all([
      redis.zcard(ready(queue)),
      redis.zcard(delayed(queue)),
      redis.zcard(leases(queue)),
    ]);
    return { ready: readyCount, delayed: delayedCount, leased };
  }
}

/** Two URLs of one fingerprint cost a page that is never fetched; never one that is fetched twice. */
function fingerprint(url: string): Buffer {
  return Buffer.from(sha256(url).subarray(0, 8));
}

function linkArguments(list: readonly FrontierUrl[]): (string | number | Buffer)[] {
  return list.flatMap(({ url, depth = 0 }) => [fingerprint(url), url, depth]);
}

const ADD_AT_ONCE = 1000;
const FAILED = 'failed:';

const addUrls = loadScript(new URL('./commands/add-urls.lua', import.meta.url));
const leaseUrls = loadScript(new URL('./commands/lease-urls.lua', import.meta.url));
const renewLeases = loadScript(new URL('./commands/renew-leases.lua', import.meta.url));
const completeLeases = loadScript(new URL('./commands/complete-leases.lua', import.meta.url));
