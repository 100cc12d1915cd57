import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import { TurnTooFarError } from '../../scrapers/politeness.ts';
import type { Politeness } from '../../scrapers/politeness.ts';
import { robotsRules, UNKNOWN_RULES } from '../../scrapers/robots.ts';
import type { RobotsRules } from '../../scrapers/robots.ts';

/** Politeness of one process for as long as it lives, where no Redis is at hand to share it by: one request at a time. */
export function createLocalPoliteness(defaultDelayMs: number): Politeness {
  const rules = new Map<string, Promise<RobotsRules>>();
  const nextTurnMs = new Map<string, number>();
  /** When a host that asked to wait may be asked again. */
  const askAgainMs = new Map<string, number>();
  const pauseMs = (host: string): number => Math.max(0, (askAgainMs.get(host) ?? 0) - performance.now());
  const read = async (robotsUrl: string, fetch: GuardedFetch): Promise<RobotsRules> => {
    try {
      return robotsRules(await fetch(robotsUrl));
    } catch {
      // Unreachable and unreadable are the same to a guest: stay out.
      return UNKNOWN_RULES;
    }
  };
  return {
    rules(url, fetch) {
      const { origin } = new URL(url);
      const known = rules.get(origin) ?? read(`${origin}/robots.txt`, fetch);
      rules.set(origin, known);
      return known;
    },
    delayMs: ({ delayMs }) => Math.max(delayMs ?? 0, defaultDelayMs),
    pauseMs: (host) => Promise.resolve(pauseMs(host)),
    takeTurn(host, delayMs, mostMs = Infinity) {
      const waitMs = Math.max(pauseMs(host), (nextTurnMs.get(host) ?? 0) - performance.now());
      if (waitMs > mostMs) return Promise.reject(new TurnTooFarError(host, waitMs));
      nextTurnMs.set(host, performance.now() + waitMs + delayMs);
      return Promise.resolve(waitMs);
    },
    slots: { take: () => Promise.resolve(true), give: () => undefined },
    backOff(host, retryAfterMs) {
      const waitMs = retryAfterMs ?? defaultDelayMs;
      askAgainMs.set(host, performance.now() + waitMs);
      return Promise.resolve({ waitMs, strikes: 1 });
    },
    answered: () => Promise.resolve(),
  };
}
