import type { Redis } from 'ioredis';
import { keyspace } from '../redis/keys.ts';
import type { SeenIds } from './epistula.ts';

/** Kept this much longer than asked, so that Redis' clock may differ from ours. */
export const CLOCK_MARGIN_MS = 60_000;

/**
 * Used request ids in the `state` Redis (durable, appendfsync always), one key an id: they outlive this process, and several
 * servers of one hotkey share them.
 */
export function createSeenIds({ redis, hotkey, now }: { redis: Redis; hotkey: string; now: () => number }): SeenIds {
  const key = keyspace(hotkey);
  return {
    async firstUse(id, expiresAtMs) {
      const lifetimeMs = Math.max(0, Math.ceil(expiresAtMs - now())) + CLOCK_MARGIN_MS;
      return (await redis.set(key('seen', id), '', 'PX', lifetimeMs, 'NX')) === 'OK';
    },
  };
}
