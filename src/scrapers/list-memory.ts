import type { Redis } from 'ioredis';
import { keyspace } from '../redis/keys.ts';
import type { SeenEntries } from './new-entries.ts';

/** What is remembered of a seed, sitemap or feed between two runs. */
export interface KnownList {
  /** Sent back as If-None-Match and If-Modified-Since (RFC 9110, 13.1), so that what is as it was costs its server nothing. */
  etag: string | null;
  lastModified: string | null;
  /** The lists that it named. */
  feeds: string[];
  seen: SeenEntries;
}

/** One crawl's memory of lists, durable in the `state` Redis, and bounded. Losing it costs requests, never rows. */
export interface ListMemory {
  get(url: string): Promise<KnownList | null>;
  /** To be called once all that the list held is in the frontier: what was not kept before is asked for whole again. */
  keep(url: string, list: KnownList): Promise<void>;
  /** Notes that a list was asked for now, whatever came of it. */
  ask(url: string): Promise<void>;
  /** When each was last asked for, milliseconds since 1970; null where that is not known. */
  askedAtMs(urls: readonly string[]): Promise<(number | null)[]>;
}

export interface ListMemoryOptions {
  redis: Redis;
  hotkey: string;
  /** Id of the crawl: its job's. */
  crawl: string;
  /** Lists of which more is kept than when they were asked for. @default 1000, as many as one run reads */
  maxLists?: number;
}

export function createListMemory({ redis, hotkey, crawl, maxLists = 1000 }: ListMemoryOptions): ListMemory {
  const key = keyspace(hotkey)('crawl', crawl, 'lists');
  const asked = `${key}:asked`;
  return {
    async get(url) {
      const text = await redis.hget(key, url);
      return text === null ? null : (JSON.parse(text) as KnownList);
    },
    async keep(url, list) {
      await redis.hset(key, url, JSON.stringify(list));
      // Any of them: where a site has more lists than are kept, they are read in turns, and the oldest would always be the next to be needed.
      const over = (await redis.hlen(key)) - maxLists;
      if (over > 0) await redis.hdel(key, ...((await redis.hrandfield(key, over)) as string[]));
    },
    async ask(url) {
      const steps = redis
        .multi()
        .zadd(asked, Date.now(), url)
        .zremrangebyrank(asked, 0, -MAX_ASKED - 1);
      await steps.pexpire(asked, LASTS_MS).pexpire(key, LASTS_MS).exec();
    },
    async askedAtMs(urls) {
      const times: (number | null)[] = [];
      for (let at = 0; at < urls.length; at += AT_ONCE) {
        const found = await redis.zmscore(asked, ...urls.slice(at, at + AT_ONCE));
        times.push(...found.map((time) => (time === null ? null : Number(time))));
      }
      return times;
    },
  };
}

/** As many as the index of a site's sitemaps may name (sitemaps.org), some 150 bytes each. */
const MAX_ASKED = 50_000;
/** What no run asked for in that time is forgotten: of a job that has ended, all. */
const LASTS_MS = 90 * 86_400_000;
/** URLs of one command. */
const AT_ONCE = 1000;
