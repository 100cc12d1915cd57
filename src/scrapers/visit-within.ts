import { setTimeout as sleep } from 'node:timers/promises';
import { hostOf } from '../core/wanted.ts';
import { TurnTooFarError } from './politeness.ts';
import { visit } from './visit.ts';
import type { Visit, VisitDeps, VisitOptions } from './visit.ts';

/** How long a visit may be held up. */
export interface Patience {
  /** By a host that asked to be left alone. */
  pauseMs: number;
  /** By the turns of others at a slow host. @default TURN_MS */
  turnMs?: number;
}

/**
 * Goes to a URL as `visit` does, for whoever has no lease to give back: where the host is to be left alone for longer than there is patience,
 * the visit fails at once with `host_asked_to_wait`, and says nothing of the URL.
 */
export async function visitWithin(
  deps: VisitDeps,
  url: string,
  options: VisitOptions,
  { pauseMs, turnMs = TURN_MS }: Patience,
): Promise<Visit> {
  const { politeness, signal } = deps;
  const host = hostOf(url);
  const takeTurn = (at: string, delayMs: number): Promise<number> => politeness.takeTurn(at, delayMs, turnMs);
  try {
    // Before robots.txt is asked for: that is a request as well.
    const waitMs = await politeness.pauseMs(host);
    if (waitMs > pauseMs) throw new TurnTooFarError(host, waitMs);
    if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
    return await visit({ ...deps, politeness: { ...politeness, takeTurn } }, url, options);
  } catch (error) {
    if (!(error instanceof TurnTooFarError)) throw error;
    return { outcome: 'failed', reason: HOST_WAITS, host: error.host, retryAfterMs: null, strikes: 0 };
  }
}

/** A visit that was not begun. */
export const HOST_WAITS = 'host_asked_to_wait';
/** Ten turns of the slowest Crawl-delay. */
const TURN_MS = 600_000;
