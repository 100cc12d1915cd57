import type { Redis } from 'ioredis';
import { SeineError } from '../core/errors.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { loadScript } from '../redis/scripts.ts';
import { createHostSlots } from './politeness/host-slots.ts';
import type { HostSlots } from './politeness/host-slots.ts';
import { hostStatePrefix } from './politeness/host-state.ts';
import { createRobotsCache } from './politeness/robots-cache.ts';
import type { RobotsRules } from './robots.ts';

/** How this crawler behaves towards the hosts it visits, all workers and crawls of a hotkey together. */
export interface Politeness {
  /** Rules of the URL's site, remembered for a day at most, or for seconds while they cannot be read. */
  rules(url: string, fetch: GuardedFetch): Promise<RobotsRules>;
  /** Delay between two requests to a site with these rules. */
  delayMs(rules: Pick<RobotsRules, 'delayMs'>): number;
  /** How long the host asked to be left alone, as was known within the last LOOK_MS; 0 where it did not. */
  pauseMs(host: string): Promise<number>;
  /**
   * Takes the next free turn at a host and returns how long to wait for it; without a delay that is `pauseMs`.
   * @throws TurnTooFarError where that would be longer than `mostMs`; no turn is taken then. @default any wait
   */
  takeTurn(host: string, delayMs: number, mostMs?: number): Promise<number>;
  /** Requests under way. */
  slots: HostSlots;
  /**
   * Leaves a host alone that asked for it (429, 503): for as long as it asked, or twice as long as the last time. Returns for how long,
   * and how often in a row it asked by now.
   */
  backOff(host: string, retryAfterMs: number | null): Promise<{ waitMs: number; strikes: number }>;
  /** Ends what `backOff` counts. */
  answered(host: string): Promise<void>;
}

/** A host is to be left alone for longer than its visitor will wait; that is no fault of the URL. */
export class TurnTooFarError extends SeineError {
  readonly host: string;

  constructor(host: string, waitMs: number) {
    super('TurnTooFar', `the next turn at ${host} is ${Math.ceil(waitMs)} ms ahead; come back then`, {
      details: { host, waitMs },
      remedy: 'wait',
    });
    this.host = host;
  }
}

export interface PolitenessOptions {
  /** The `state` role. */
  redis: Redis;
  hotkey: string;
  /** Where robots.txt asks for no delay. @default 1000 */
  defaultDelayMs?: number;
}

export function createPoliteness({ redis, hotkey, defaultDelayMs = 1000 }: PolitenessOptions): Politeness {
  const prefix = hostStatePrefix(hotkey);
  const readRobots = createRobotsCache(redis, hotkey);
  const seen = new Map<string, { untilMs: number; strikes: number; atMs: number }>();

  function note(host: string, waitMs: number, strikes: number): void {
    if (seen.size >= MAX_SEEN) seen.clear();
    const now = Date.now();
    seen.set(host, { untilMs: now + waitMs, strikes, atMs: now });
  }

  async function pauseMs(host: string): Promise<number> {
    const now = Date.now();
    const known = seen.get(host);
    if (known !== undefined && now - known.atMs < LOOK_MS) return Math.max(0, known.untilMs - now);
    const [waitUs, strikes] = (await takeTurn(redis, [prefix + host], [0, 0])) as [number, number];
    note(host, waitUs / 1000, strikes);
    return waitUs / 1000;
  }

  async function turnAt(host: string, delayMs: number, mostMs: number): Promise<number> {
    const mostUs = Math.min(Math.round(mostMs * 1000), Number.MAX_SAFE_INTEGER);
    const [waitUs] = (await takeTurn(redis, [prefix + host], [Math.round(delayMs * 1000), mostUs])) as [number];
    return waitUs / 1000;
  }

  return {
    rules: (url, fetch) => readRobots(new URL(url).origin, fetch),
    delayMs: (rules) => rules.delayMs ?? defaultDelayMs,
    pauseMs,
    async takeTurn(host, delayMs, mostMs = Infinity) {
      const waitMs = delayMs > 0 ? await turnAt(host, delayMs, mostMs) : await pauseMs(host);
      if (waitMs > mostMs) throw new TurnTooFarError(host, waitMs);
      return waitMs;
    },
    slots: createHostSlots(redis, hotkey),
    async backOff(host, retryAfterMs) {
      const askedUs = Math.round(Math.min(Math.max(retryAfterMs ?? 0, 0), MAX_RETRY_AFTER_MS) * 1000);
      const reply = await backOff(redis, [prefix + host], [askedUs, FIRST_BACK_OFF_MS * 1000, MAX_BACK_OFF_MS * 1000]);
      const [waitUs, strikes] = reply as [number, number];
      note(host, waitUs / 1000, strikes);
      return { waitMs: waitUs / 1000, strikes };
    },
    async answered(host) {
      const known = seen.get(host);
      if (known === undefined || known.strikes === 0) return;
      const strikes = Number(await endBackOff(redis, [prefix + host], []));
      // What it asked for in the meantime stands.
      if (strikes === 0) known.strikes = 0;
    },
  };
}

const FIRST_BACK_OFF_MS = 500;
/** Unless the host asks for more. */
const MAX_BACK_OFF_MS = 60_000;
/** A host that wants to be left alone for longer is asked again after that all the same. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** What another worker was told by a host without a delay is known here so soon. */
const LOOK_MS = 250;
const MAX_SEEN = 10_000;

const takeTurn = loadScript(new URL('./commands/take-turn.lua', import.meta.url));
const backOff = loadScript(new URL('./commands/back-off.lua', import.meta.url));
const endBackOff = loadScript(new URL('./commands/end-back-off.lua', import.meta.url));
