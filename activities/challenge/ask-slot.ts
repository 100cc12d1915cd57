import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { LogPlace } from '../../src/inference/challenge/outcome-log.ts';
import type { PeriodPlan } from '../../src/inference/challenge/period-plan.ts';
import { checkedQueries } from '../../src/inference/challenge/planned-queries.ts';
import type { PlannedQuery } from '../../src/inference/challenge/planned-queries.ts';
import type { QueryOutcome } from '../../src/inference/challenge/query-outcome.ts';
import type { MadeRequest } from '../../src/inference/prompts/request-maker.ts';
import { requestDigest } from '../../src/inference/wire/request-bytes.ts';
import { answerVolume, requestVolume } from '../../src/inference/volume.ts';
import { wasOwed } from '../../src/scoring/inference/period-tally.ts';
import { speedFactorPpm } from '../../src/scoring/inference/vision/speed-factor.ts';
import { alive } from '../alive.ts';
import { perSlot } from './deps.ts';
import type { ChallengeDeps } from './deps.ts';
import type { OpenedPeriod } from './opened-periods.ts';
import type { Turns } from './turns.ts';

/** How the requests of a slot ended, by number. */
export type SlotCounts = Record<QueryOutcome['outcome'], number>;

/** Requests are made so long before they are sent: a prompt model takes its time. */
const MAKE_AHEAD_MS = 2000;

/** Whoever is later than this is late: this validator with a request that it queues, or a miner that leaves one waiting for its turn. */
const LATE_MS = 2000;

const NOTHING_SENT = { attempt: 0, request: null, recipe: null };

/** What an outcome is besides what was planned. */
type Became = Pick<QueryOutcome, 'outcome' | 'reason'> & Partial<QueryOutcome>;

/**
 * Sends a slot's requests, each at its time, and notes what becomes of them. Done again after a crash it asks only what has no outcome yet, late: no index is
 * lost, and none counts twice.
 */
export async function askSlot(
  deps: ChallengeDeps,
  { plan, schedule }: OpenedPeriod,
  slot: number,
  turns: Turns,
): Promise<SlotCounts> {
  const queries = schedule[slot] ?? [];
  const kept = new Set(checkedQueries(queries, perSlot(deps.checksPerMinute, plan.slot_ms)));
  const counts: SlotCounts = { answered: 0, limited: 0, failed: 0, skipped: 0 };
  const signal = deps.cancelled();
  // All of a slot's requests wait on it; that is no leak.
  setMaxListeners(0, signal);

  const ask = async (query: PlannedQuery, recipe: string): Promise<void> => {
    await until(query.at_ms - MAKE_AHEAD_MS, deps.now, signal);
    const made = await deps.makeRequest(query.task, query.origin).catch((error: unknown) => {
      signal.throwIfAborted();
      return { failed: error };
    });
    await until(query.at_ms, deps.now, signal);
    const place = placeOf(plan, query);
    const { concurrency } = query.planned;
    const queuedMs = deps.now();
    await turns.take(`${place.period_ms} ${place.miner} ${place.task}`, concurrency, async () => {
      signal.throwIfAborted();
      const { index, units } = query;
      const at_ms = deps.now();
      const became = await becomeOf(deps, plan, query, { made, recipe, isKept: kept.has(query), queuedMs, signal });
      const nothing = { ...NOTHING_SENT, owed: false, elapsed_ms: 0, first_ms: 0, speed_ppm: 0, answer: null };
      await deps.log.note(place, { ...{ index, kind: 'synthetic', slot, at_ms, units }, ...nothing, ...became });
      counts[became.outcome] += 1;
    });
  };

  await alive(
    () => deps.heartbeat({ slot, ...counts }),
    async () => {
      const open = await withoutOutcome(deps, plan, queries, counts);
      // The same object each time: a worker that was started with other datasets has another.
      const recipe = await deps.store.put(new TextEncoder().encode(canonicalJson(deps.recipe)));
      await Promise.all(open.map((query) => ask(query, recipe)));
    },
  );
  return counts;
}

async function becomeOf(
  deps: ChallengeDeps,
  plan: PeriodPlan,
  query: PlannedQuery,
  asked: {
    made: MadeRequest | { failed: unknown };
    recipe: string;
    isKept: boolean;
    queuedMs: number;
    signal: AbortSignal;
  },
): Promise<Became> {
  const { made, recipe, isKept, queuedMs, signal } = asked;
  // What the validator has no prompt for is not the miner's.
  if ('failed' in made) return { outcome: 'skipped', reason: 'no_prompt' };
  const nowMs = deps.now();
  if (nowMs >= lastSendMs(plan)) {
    // A miner that takes few requests at once, and is slow with them, has not served what it stated.
    const isMiners = queuedMs - query.at_ms <= LATE_MS && nowMs - queuedMs > LATE_MS;
    return isMiners
      ? { outcome: 'failed', reason: 'no_turn', owed: true }
      : { outcome: 'skipped', reason: 'period_over' };
  }
  const { task, planned } = query;
  const { request, attempt } = made;
  // As the miner counts it.
  const units = requestVolume(task, request);
  const total = await deps.log.asked(placeOf(plan, query), units);
  const owed = wasOwed(planned.owed, total - units, units);
  const came = await deps.client.ask(query.miner, task, request, signal);
  const head = { units, owed, attempt, request: requestDigest(request), recipe, elapsed_ms: came.elapsed_ms };
  if (came.outcome === 'limited') return { ...head, outcome: 'limited', reason: 'limited' };
  if (came.outcome === 'failed') return { ...head, outcome: 'failed', reason: came.reason };
  const volume = answerVolume(task, request, came.answer);
  if (volume === 0) return { ...head, outcome: 'failed', reason: 'empty', first_ms: came.first_ms };
  const speed_ppm = speedFactorPpm(came.elapsed_ms * 1000, volume, task.speed);
  const answer = isKept ? await deps.kept.keep(folderOf(plan), { request, answer: came.answer }) : null;
  return { ...head, outcome: 'answered', reason: 'answered', first_ms: came.first_ms, speed_ppm, answer };
}

/** Half way from the last planned request to the end of the period, so that the miner still counts it in this one. */
function lastSendMs({ period, period_ms, closes_ms }: PeriodPlan): number {
  return closes_ms + ((period + 1) * period_ms - closes_ms) / 2;
}

/** Those that nobody has asked to the end; the others are counted as they ended. */
async function withoutOutcome(
  { log }: ChallengeDeps,
  plan: PeriodPlan,
  queries: readonly PlannedQuery[],
  counts: SlotCounts,
): Promise<PlannedQuery[]> {
  const pairs = new Map<string, PlannedQuery[]>();
  for (const query of queries) {
    const pair = `${query.miner.hotkey} ${query.task.name}`;
    pairs.set(pair, [...(pairs.get(pair) ?? []), query]);
  }
  const open = [...pairs.values()].map(async (pair) => {
    const [first] = pair;
    if (first === undefined) return [];
    const done = await log.done(
      placeOf(plan, first),
      pair.map(({ index }) => index),
    );
    for (const { outcome } of done.values()) counts[outcome] += 1;
    return pair.filter(({ index }) => !done.has(index));
  });
  return (await Promise.all(open)).flat();
}

export function placeOf({ period_ms, period }: PeriodPlan, { miner, task }: PlannedQuery): LogPlace {
  return { period_ms, period, miner: miner.hotkey, task: task.name };
}

/** Folder of a period's answers. */
export function folderOf({ period_ms, period }: PeriodPlan): string {
  return `${period_ms}-${period}`;
}

async function until(atMs: number, now: () => number, signal: AbortSignal): Promise<void> {
  const waitMs = atMs - now();
  if (waitMs > 0) await pause(waitMs, undefined, { signal });
}
