import { setTimeout as sleep } from 'node:timers/promises';
import type { CrawlJob } from '../core/crawl-job.ts';
import { hostOf } from '../core/wanted.ts';
import type { Concurrency } from './crawl-concurrency.ts';
import type { Lease } from './frontier/frontier.ts';
import { gather, MAX_RETRIES } from './harvest.ts';
import type { Harvest } from './harvest.ts';
import { HostRounds } from './host-rounds.ts';
import { reachOf } from './reach.ts';
import { TurnTooFarError } from './politeness.ts';
import { jobPoliteness } from './politeness/job-politeness.ts';
import { NO_ROBOTS, visit } from './visit.ts';
import type { Failed, Visit, VisitDeps } from './visit.ts';
import { HOST_WAITS } from './visit-within.ts';

export interface VisitLeasesInput {
  job: CrawlJob;
  byBrowser: boolean;
  leases: readonly Lease[];
  harvest: Harvest;
  concurrency: Concurrency;
  /** Called after each page. */
  onVisited: () => void;
}

/**
 * Goes to all leased URLs, several at once, as politely as the job asks, and notes in `harvest` what came of each. What is not begun when
 * the signal aborts, or whose host is to be left alone for longer than seconds, is released. Rejects with an error that is no URL's
 * fault, once what was under way has ended.
 */
export async function visitLeases(deps: VisitDeps, input: VisitLeasesInput): Promise<void> {
  const { signal } = deps;
  const { job, byBrowser, harvest, concurrency } = input;
  const politeness = jobPoliteness(deps.politeness, job);
  const limits = { perHost: job.politeness.per_host, perDomain: job.politeness.per_domain };
  const pausing = signal === undefined ? {} : { signal };
  const reach = reachOf(deps.source, job);
  const { mayFetch: mayFollow } = reach;
  const aims = { reach, maxDepth: job.limits.depth };
  const rounds = new HostRounds(input.leases, limits.perHost);
  let underWay = 0;
  let failure: { error: unknown } | null = null;

  /** Waits for one of the requests that may be under way at a host. */
  async function takeSlot(host: string): Promise<void> {
    for (let waitedMs = 0; !(await politeness.slots.take(host, limits)); waitedMs += SLOT_POLL_MS) {
      rounds.refused(host);
      if (waitedMs >= MAX_WAIT_MS) throw new TurnTooFarError(host, SLOT_POLL_MS);
      await sleep(SLOT_POLL_MS, undefined, pausing);
    }
  }

  async function go(lease: Lease): Promise<void> {
    const host = hostOf(lease.url);
    /** Whose slot it holds. */
    let slot: string | null = null;
    let hasEntered = false;
    const entered = (): void => {
      // By then it may be another lease that enters.
      if (!hasEntered) rounds.entered(host);
      hasEntered = true;
    };
    const leave = (): void => {
      if (slot !== null) politeness.slots.give(slot);
      slot = null;
    };
    /** A slot first, so that no turn passes unused. A redirect takes a turn too, and keeps the slot where it stays at its host. */
    const takeTurn = async (at: string, delayMs: number): Promise<number> => {
      if (slot !== at) {
        leave();
        await takeSlot(at);
        slot = at;
      }
      const waitMs = await politeness.takeTurn(at, delayMs, hasEntered ? REDIRECT_WAIT_MS : MAX_WAIT_MS);
      if (waitMs > 0) await sleep(waitMs, undefined, pausing);
      entered();
      pump();
      return 0;
    };
    try {
      signal?.throwIfAborted();
      const pauseMs = await politeness.pauseMs(host);
      if (pauseMs > MAX_WAIT_MS) throw new TurnTooFarError(host, pauseMs);
      if (pauseMs > 0) await sleep(pauseMs, undefined, pausing);
      // A page that took its workers down before is not worth another one.
      const visited: Visit =
        lease.attempts > MAX_RETRIES
          ? { outcome: 'refused', reason: 'worker_lost' }
          : await visit({ ...deps, politeness: { ...politeness, takeTurn } }, lease.url, { byBrowser, mayFollow });
      settle(host, lease, visited);
    } catch (error) {
      if (signal?.aborted !== true && !(error instanceof TurnTooFarError)) throw error;
      if (hasEntered && error instanceof TurnTooFarError) {
        // Its host has answered, by a redirect to where it is too early: that must not go on for ever.
        settle(host, lease, { ...TOO_EARLY, host: error.host });
      } else {
        harvest.release.push(lease.url);
        if (error instanceof TurnTooFarError) release(rounds.drop(host));
      }
    } finally {
      leave();
      entered();
      rounds.ended(host);
    }
    input.onVisited();
  }

  function settle(host: string, lease: Lease, visited: Visit): void {
    if (visited.outcome !== 'failed' || visited.strikes === 0) {
      gather(harvest, aims, lease, visited, byBrowser);
      return;
    }
    // What a redirect led to says nothing of the other URLs of its host.
    const isOwn = visited.host === host;
    if (visited.strikes > MAX_STRIKES) {
      const others = isOwn ? rounds.drop(host) : [];
      for (const { url } of [lease, ...others]) harvest.dead.push({ url, reason: visited.reason });
      return;
    }
    if (lease.waits < MAX_WAITS && isFree(visited)) harvest.throttled.push(lease.url);
    else gather(harvest, aims, lease, visited, byBrowser);
    // The others would each be told the same, without a request.
    if (isOwn && visited.reason === NO_ROBOTS) release(rounds.drop(host));
  }

  function release(leases: readonly Lease[]): void {
    for (const { url } of leases) harvest.release.push(url);
  }

  let ended: () => void = () => undefined;
  function pump(): void {
    while (rounds.hasMore && concurrency.enter(underWay === 0)) {
      const lease = rounds.begin();
      if (lease === undefined) {
        concurrency.leave();
        break;
      }
      underWay += 1;
      void go(lease)
        .catch((error: unknown) => {
          failure ??= { error };
          // The batch is lost; there is no need to go on with it.
          rounds.dropAll();
        })
        .finally(() => {
          underWay -= 1;
          concurrency.leave();
          pump();
        });
    }
    if (underWay === 0) ended();
  }

  await new Promise<void>((resolve) => {
    ended = resolve;
    pump();
  });
  if (failure !== null) throw (failure as { error: unknown }).error;
}

/** Whether it says nothing against the URL itself; a 503 without a time may be the page's own failure. */
function isFree({ reason, retryAfterMs }: Failed): boolean {
  return reason !== 'status_503' || retryAfterMs !== null;
}

/** Times that a URL may be put off because its host asked to wait, before that counts as an attempt. */
const MAX_WAITS = 10;
/** Back-offs in a row (two minutes, unless the host asked for more) after which a host's URLs are given up. */
const MAX_STRIKES = 8;
/** A turn farther ahead is not waited for with a lease in hand. */
const MAX_WAIT_MS = 5000;
/** Two turns of the slowest Crawl-delay: a lease that its host answered by a redirect is begun. */
const REDIRECT_WAIT_MS = 120_000;
/** A redirect to where it is too early: a wait, as a host's wish is. */
const TOO_EARLY = { outcome: 'failed', reason: HOST_WAITS, retryAfterMs: null, strikes: 1 } as const;
const SLOT_POLL_MS = 50;
