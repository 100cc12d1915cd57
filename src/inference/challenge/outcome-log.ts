import type { Redis } from 'ioredis';
import type { CheckResult } from '../../core/inference-period.ts';
import { keyspace } from '../../redis/keys.ts';
import type { CheckedOutcome, QueryOutcome } from './query-outcome.ts';

/** A miner at a task in a period. */
export interface LogPlace {
  period_ms: number;
  period: number;
  miner: string;
  task: string;
}

/** What became of a period's requests, until the period is closed. Noting the same again changes nothing, so that a step may be done twice. */
export interface OutcomeLog {
  /**
   * Counts units as asked for, just before a request is sent; also one that is sent anew after a crash, since the miner counts it anew.
   * @returns all units asked for so far, with these
   */
  asked: (place: LogPlace, units: number) => Promise<number>;
  /** The first outcome of an index stays. */
  note: (place: LogPlace, outcome: QueryOutcome) => Promise<void>;
  /** The first check of an index stays. */
  noteCheck: (place: LogPlace, index: number, check: CheckResult) => Promise<void>;
  /** Which of these indices have an outcome; and which of them a check. */
  done: (place: LogPlace, indices: readonly number[]) => Promise<Map<number, CheckedOutcome>>;
  /** All outcomes, by index. */
  all: (place: LogPlace) => Promise<CheckedOutcome[]>;
  /** Lets go of what is archived, an hour later: a close that is done again still finds it. */
  release: (place: LogPlace) => Promise<void>;
}

/** What nobody closes goes after a week. */
const KEPT_S = 7 * 86_400;
const RELEASED_S = 3600;

/** A log in Redis: per miner and task one hash of outcomes, one of checks and a count of units. */
export function createOutcomeLog({ redis, hotkey }: { redis: Redis; hotkey: string }): OutcomeLog {
  const key = keyspace(hotkey);
  const keyOf = (part: 'outcomes' | 'checks' | 'asked', { period_ms, period, miner, task }: LogPlace): string =>
    key('challenge', part, period_ms, period, miner, task);

  const joined = (outcome: string, check: string | null | undefined): CheckedOutcome => ({
    ...(JSON.parse(outcome) as QueryOutcome),
    check: check == null ? null : (JSON.parse(check) as CheckResult),
  });

  /** The commands of a transaction, whose failures are the caller's. */
  const first = async (place: LogPlace, part: 'outcomes' | 'checks', index: number, value: object): Promise<void> => {
    const name = keyOf(part, place);
    await run(redis.multi().hsetnx(name, String(index), JSON.stringify(value)).expire(name, KEPT_S));
  };

  return {
    async asked(place, units) {
      const name = keyOf('asked', place);
      const [total] = await run(redis.multi().incrby(name, units).expire(name, KEPT_S));
      return Number(total);
    },
    note: (place, outcome) => first(place, 'outcomes', outcome.index, outcome),
    noteCheck: (place, index, check) => first(place, 'checks', index, check),
    async done(place, indices) {
      const found = new Map<number, CheckedOutcome>();
      if (indices.length === 0) return found;
      const fields = indices.map(String);
      const [outcomes, checks] = await Promise.all([
        redis.hmget(keyOf('outcomes', place), ...fields),
        redis.hmget(keyOf('checks', place), ...fields),
      ]);
      for (const [at, index] of indices.entries()) {
        const outcome = outcomes[at];
        if (outcome != null) found.set(index, joined(outcome, checks[at]));
      }
      return found;
    },
    async all(place) {
      const [outcomes, checks] = await Promise.all([
        redis.hgetall(keyOf('outcomes', place)),
        redis.hgetall(keyOf('checks', place)),
      ]);
      return Object.entries(outcomes)
        .map(([index, outcome]) => joined(outcome, checks[index]))
        .sort((a, b) => a.index - b.index);
    },
    async release(place) {
      const names = (['outcomes', 'checks', 'asked'] as const).map((part) => keyOf(part, place));
      await Promise.all(names.map((name) => redis.expire(name, RELEASED_S)));
    },
  };
}

async function run(transaction: ReturnType<Redis['multi']>): Promise<unknown[]> {
  const answers = (await transaction.exec()) ?? [];
  return answers.map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}
