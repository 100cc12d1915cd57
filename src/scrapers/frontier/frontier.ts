import type { Redis } from 'ioredis';
import type { Digest } from '../../core/manifest.ts';
import { keyspace } from '../../redis/keys.ts';
import { loadScript } from '../../redis/scripts.ts';
import { hostStatePrefix } from '../politeness/host-state.ts';
import { readDead, requeueDead } from './dead-letters.ts';
import type { DeadLetters, DeadPage, Requeued } from './dead-letters.ts';
import { KnownUrls } from './known-urls.ts';
import { packLinks } from './pack-links.ts';
import type { FrontierUrl } from './pack-links.ts';
import { readStats } from './stats.ts';
import type { FrontierStats } from './stats.ts';

/** Pages are fetched by HTTP first; those that show their text only after scripts ran go to the browser. */
export type LeaseQueue = 'http' | 'browser';

export interface Lease {
  url: string;
  depth: number;
  /** Tries that failed, or whose worker was lost, before this one. */
  attempts: number;
  /** Times that its host asked to wait (see Completion.throttled). */
  waits: number;
}

export interface LeaseRequest {
  queue: LeaseQueue;
  /** At most 1000. */
  count: number;
  /** Unique among all who lease at the same time. */
  owner: string;
  leaseMs: number;
}

/** What came of leased URLs; every URL is one of the owner's leases of this queue, and is named once. */
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
  /** Like `release`, counted as a wait: their host answers, but not now. */
  throttled?: readonly string[];
  /** To be fetched by a browser. */
  browser: readonly string[];
  /** Given up, kept as dead letters and counted by reason. */
  dead?: readonly { url: string; reason: string }[];
  /** Of pages fetched by HTTP, by host: how many needed a browser, and how many did not. */
  learned?: Readonly<Record<string, { scripted: number; plain: number }>>;
  /** Found on these pages; what was seen before is passed over. */
  links: readonly FrontierUrl[];
  pages: number;
  records: number;
  /** Given-up URLs of `done` by reason: those of which there is nothing to requeue. */
  failed: Readonly<Record<string, number>>;
}

/** The durable list of what to fetch next, and of what was ever found, of one crawl. */
export interface Frontier extends DeadLetters {
  /** Returns how many were new. */
  add(urls: readonly FrontierUrl[]): Promise<number>;
  /** Hosts take turns and share what is asked for; one that is to be left alone for longer than seconds is passed over. */
  lease(request: LeaseRequest): Promise<Lease[]>;
  /** Returns how many of the leases are still the owner's. */
  renew(request: { queue: LeaseQueue; owner: string; urls: readonly string[]; leaseMs: number }): Promise<number>;
  /**
   * Notes everything in one step, so that a crash loses and doubles nothing: before it the leases run out and the pages are
   * fetched anew, after it they are done. Returns false, and changes nothing, when any of the leases was lost.
   */
  complete(completion: Completion): Promise<boolean>;
  /** Names stored rows that no lease brought as waiting to be sealed; doing it again changes nothing but the count. */
  addBatch(digest: Digest, records: number): Promise<void>;
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
  /** URLs that may be ready at once, about 100 bytes each; a site without end must not fill the server. @default 10,000,000 */
  maxReady?: number;
  /** URLs of one shape (see urlShape) that a host may have: without a query, and with one. @default 100,000 and 1,000 */
  maxOfShape?: { plain: number; query: number };
  /** Dead letters that are kept; those beyond are only counted. @default 100,000 */
  maxDead?: number;
}

export function createFrontier({ redis, hotkey, crawl, ...bounds }: FrontierOptions): Frontier {
  const { maxReady = 10_000_000, maxOfShape = MAX_OF_SHAPE, maxDead = 100_000 } = bounds;
  const prefix = keyspace(hotkey)('crawl', crawl, '');
  const batches = `${prefix}batches`;
  const most = JSON.stringify({ ready: maxReady, ...maxOfShape });
  const known = new KnownUrls(MAX_KNOWN);

  async function addSome(urls: readonly FrontierUrl[]): Promise<number> {
    const { links, passed, packed } = packLinks(urls, known);
    const counts = JSON.stringify(passed);
    const [added, over] = (await addUrls(redis, [prefix], [most, packed, counts])) as [number, number];
    if (over === 0) for (const url of links) known.add(url);
    return added;
  }

  async function complete({ batch, links: found, failed, pages, records, ...leases }: Completion): Promise<boolean> {
    const { links, passed, packed } = packLinks(found, known);
    const counts: Record<string, number> = { pages, records, ...passed };
    for (const [reason, count] of Object.entries(failed)) counts[`failed:${reason}`] = count;
    const result = { throttled: [], dead: [], learned: {}, ...leases, batch: batch ?? '', counts };
    const outcome = Number(await completeLeases(redis, [prefix], [JSON.stringify(result), most, packed, maxDead]));
    if (outcome === ALL_ADDED) for (const url of links) known.add(url);
    return outcome !== LEASE_LOST;
  }

  return {
    async add(urls) {
      let added = 0;
      for (let at = 0; at < urls.length; at += ADD_AT_ONCE) added += await addSome(urls.slice(at, at + ADD_AT_ONCE));
      return added;
    },

    async lease({ queue, count, owner, leaseMs }) {
      const keys = [prefix, hostStatePrefix(hotkey)];
      return ((await leaseUrls(redis, keys, [queue, count, owner, leaseMs])) as string[]).map(parseLease);
    },

    async renew({ queue, owner, urls, leaseMs }) {
      return Number(await renewLeases(redis, [prefix], [queue, owner, leaseMs, JSON.stringify(urls)]));
    },

    complete,

    async addBatch(batch, records) {
      const counts = `${prefix}counts`;
      const order = await redis.hincrby(counts, 'order', 1);
      await redis.multi().zadd(batches, 'NX', order, batch).hincrby(counts, 'records', records).exec();
    },

    pendingBatches: () => redis.zrange(batches, '0', '-1'),

    async dropBatches(digests) {
      if (digests.length > 0) await redis.zrem(batches, ...digests);
    },

    stats: () => readStats(redis, prefix),

    dead: (page: DeadPage = {}) => readDead(redis, prefix, page),

    requeue: (which: Requeued) => requeueDead(redis, prefix, which),
  };
}

/** `level attempts waits url`; the level is priority * 1000 + depth. */
function parseLease(entry: string): Lease {
  const [level = '', attempts = '', waits = ''] = entry.split(' ', 3);
  const url = entry.slice(level.length + attempts.length + waits.length + 3);
  return { url, depth: Number(level) % 1000, attempts: Number(attempts), waits: Number(waits) };
}

/** URLs that one script call takes: some ms of the server. */
const ADD_AT_ONCE = 2000;
/** Pages without a query come by the ten thousand in a forum; with one, what differs is mostly how the same is sorted. */
const MAX_OF_SHAPE = { plain: 100_000, query: 1000 };
/** About 10 MB of strings. */
const MAX_KNOWN = 50_000;
/** What complete-leases.lua returns. */
const [LEASE_LOST, ALL_ADDED] = [0, 1];

const shared = new URL('./commands/shared.lua', import.meta.url);
const addUrls = loadScript(new URL('./commands/add-urls.lua', import.meta.url), { shared });
const leaseUrls = loadScript(new URL('./commands/lease-urls.lua', import.meta.url), { shared });
const renewLeases = loadScript(new URL('./commands/renew-leases.lua', import.meta.url), { shared });
const completeLeases = loadScript(new URL('./commands/complete-leases.lua', import.meta.url), { shared });
