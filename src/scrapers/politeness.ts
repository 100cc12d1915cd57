import type { Redis } from 'ioredis';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { keyspace } from '../redis/keys.ts';
import { loadScript } from '../redis/scripts.ts';
import { robotsRules, UNKNOWN_RULES } from './robots.ts';
import type { RobotsRules } from './robots.ts';

/** How this crawler behaves towards the hosts it visits. */
export interface Politeness {
  /** Rules of the URL's site, remembered for an hour, or for seconds while they cannot be read. */
  rules(url: string, fetch: GuardedFetch): Promise<RobotsRules>;
  /** Delay between two requests to a site with these rules. */
  delayMs(rules: RobotsRules): number;
  /** Takes the next free turn at a host and returns how long to wait for it; turns are shared by all of a hotkey's workers. */
  takeTurn(host: string, delayMs: number): Promise<number>;
}

export interface PolitenessOptions {
  /** The `state` role. */
  redis: Redis;
  hotkey: string;
  /** Where robots.txt asks for no delay. @default 1000 */
  defaultDelayMs?: number;
}

export function createPoliteness({ redis, hotkey, defaultDelayMs = 1000 }: PolitenessOptions): Politeness {
  const remembered = new Map<string, { rules: Promise<RobotsRules>; untilMs: number }>();

  async function readRules(origin: string, fetch: GuardedFetch): Promise<RobotsRules> {
    const robotsUrl = `${origin}/robots.txt`;
    let rules = UNKNOWN_RULES;
    try {
      rules = robotsRules(await fetch(robotsUrl), robotsUrl);
    } catch {
      // Unreachable and unreadable are the same to a guest: stay out, ask again soon.
    }
    const entry = remembered.get(origin);
    if (!rules.isKnown && entry !== undefined) entry.untilMs = Date.now() + ASK_AGAIN_MS;
    return rules;
  }

  return {
    rules(url, fetch) {
      const { origin } = new URL(url);
      const known = remembered.get(origin);
      if (known !== undefined && known.untilMs > Date.now()) return known.rules;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      const rules = readRules(origin, fetch);
      remembered.set(origin, { rules, untilMs: Date.now() + REMEMBERED_MS });
      return rules;
    },
    delayMs: (rules) => rules.delayMs ?? defaultDelayMs,
    async takeTurn(host, delayMs) {
      const key = keyspace(hotkey)('turn', host);
      return Number(await takeTurn(redis, [key], [Math.round(delayMs * 1000)])) / 1000;
    },
  };
}

const REMEMBERED_MS = 3_600_000;
const ASK_AGAIN_MS = 3000;
const MAX_REMEMBERED = 1000;

const takeTurn = loadScript(new URL('./commands/take-turn.lua', import.meta.url));
