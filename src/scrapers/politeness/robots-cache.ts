import type { Redis } from 'ioredis';
import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import { keyspace } from '../../redis/keys.ts';
import { MAX_ROBOTS_BYTES, robotsRules, UNKNOWN_RULES } from '../robots.ts';
import type { RobotsRules } from '../robots.ts';

/** Rules of an origin (`https://example.org`), read once for all workers of a hotkey. */
export type ReadRobots = (origin: string, fetch: GuardedFetch) => Promise<RobotsRules>;

/**
 * Remembers what robots.txt said for 24 hours at most (RFC 9309, 2.4): 23 in Redis and one more in this process. That it can't be read is not
 * remembered: the host's back-off says when it may be asked for again, and so each failure counts once there.
 */
export function createRobotsCache(redis: Redis, hotkey: string): ReadRobots {
  const remembered = new Map<string, { rules: Promise<RobotsRules>; untilMs: number }>();

  async function read(origin: string, fetch: GuardedFetch): Promise<RobotsRules> {
    const key = keyspace(hotkey)('robots', origin);
    const stored = await redis.getBuffer(key);
    if (stored !== null) return robotsRules({ status: 200, headers: {}, body: stored });
    try {
      const page = await fetch(`${origin}/robots.txt`);
      const rules = robotsRules(page);
      if (rules.isKnown) {
        // A file that is not there has no rules, as an empty one.
        const isThere = page.status >= 200 && page.status < 300;
        const text = isThere ? Buffer.from(page.body.subarray(0, MAX_ROBOTS_BYTES)) : '';
        await redis.set(key, text, 'PX', STORED_MS);
      }
      return rules;
    } catch {
      // Unreachable and unreadable are the same to a guest: stay out.
      return UNKNOWN_RULES;
    }
  }

  return (origin, fetch) => {
    const known = remembered.get(origin);
    if (known !== undefined && known.untilMs > Date.now()) return known.rules;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const rules = read(origin, fetch);
    remembered.set(origin, { rules, untilMs: Date.now() + REMEMBERED_MS });
    rules.then(
      ({ isKnown }) => {
        if (!isKnown) remembered.delete(origin);
      },
      // Redis's own failure is the caller's to see, and nothing to remember.
      () => remembered.delete(origin),
    );
    return rules;
  };
}

const STORED_MS = 23 * 3_600_000;
const REMEMBERED_MS = 3_600_000;
const MAX_REMEMBERED = 1000;
