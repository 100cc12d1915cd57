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

/** One crawl's memory of lists, durable in the `state` Redis. Losing it costs requests, never rows. */
export interface ListMemory {
  get(url: string): Promise<KnownList | null>;
  /** To be called once all that the list held is in the frontier: what was not kept before is asked for whole again. */
  keep(url: string, list: KnownList): Promise<void>;
}

export function createListMemory(options: { redis: Redis; hotkey: string; crawl: string }): ListMemory {
  const { redis, hotkey, crawl } = options;
  const key = keyspace(hotkey)('crawl', crawl, 'lists');
  return {
    async get(url) {
      const text = await redis.hget(key, url);
      return text === null ? null : (JSON.parse(text) as KnownList);
    },
    async keep(url, list) {
      await redis.hset(key, url, JSON.stringify(list));
    },
  };
}
