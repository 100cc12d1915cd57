import type { Redis } from 'ioredis';
import type { PeriodProof, PeriodRecord } from '../../core/inference-period.ts';
import { keyspace } from '../../redis/keys.ts';
import { MOST_ANSWERS } from './fold-outcomes.ts';

/** A period that is over: what was seen of each miner, and what shows that it was not chosen. */
export interface ClosedPeriod {
  ended_ms: number;
  records: PeriodRecord[];
  proof: PeriodProof;
}

/** Periods for scoring. */
export interface InferencePeriods {
  /**
   * The periods of the window and of an epoch, of each of these lengths, that ended by then, newest first; of each miner and task the newest 50 answers.
   * @param endedMs milliseconds since 1970
   * @param periodsMs those of the tasks that are scored: periods of a length that no task has any more count for nothing
   */
  upTo: (endedMs: number, periodsMs: readonly number[]) => Promise<{ records: PeriodRecord[]; proofs: PeriodProof[] }>;
}

export interface ClosedPeriods extends InferencePeriods {
  /** Notes a period; doing it again changes nothing. */
  close: (closed: ClosedPeriod) => Promise<void>;
  /** A period as it was noted; null where it was not. */
  find: (period: Pick<PeriodProof, 'period_ms' | 'period'>) => Promise<ClosedPeriod | null>;
}

export interface ClosedPeriodsOptions {
  redis: Redis;
  /** SS58 address of the validator. */
  hotkey: string;
  /** Where whole periods lie, by digest. */
  put: (closed: ClosedPeriod) => Promise<string>;
  get: (digest: string) => Promise<ClosedPeriod>;
  /** Periods that paid capacity looks back on. */
  windowPeriods: number;
}

/** Besides the window, those that an epoch may hold: what was paid grows by the period. */
const EPOCH_PERIODS = 8;

export function createClosedPeriods({ redis, hotkey, put, get, windowPeriods }: ClosedPeriodsOptions): ClosedPeriods {
  const back = windowPeriods + EPOCH_PERIODS;
  // More are kept: scoring may be some epochs behind.
  const kept = 4 * back;
  const key = keyspace(hotkey);
  const closedOf = (periodMs: number): string => key('challenge', 'closed', periodMs);
  return {
    async close(closed) {
      const { period_ms, period } = closed.proof;
      const digest = await put(closed);
      await redis
        .multi()
        // One that is closed again replaces what was noted.
        .zremrangebyscore(closedOf(period_ms), period, period)
        .zadd(closedOf(period_ms), period, digest)
        .zremrangebyrank(closedOf(period_ms), 0, -kept - 1)
        .exec();
    },
    async find({ period_ms, period }) {
      const [digest] = await redis.zrangebyscore(closedOf(period_ms), period, period);
      return digest === undefined ? null : await get(digest);
    },
    async upTo(endedMs, periodsMs) {
      const closed: ClosedPeriod[] = [];
      for (const length of [...new Set(periodsMs)].sort((a, b) => a - b)) {
        const newest = Math.floor(endedMs / length) - 1;
        const digests = await redis.zrevrangebyscore(closedOf(length), newest, '-inf', 'LIMIT', 0, back);
        for (const digest of digests) closed.push(await get(digest));
      }
      return { records: withNewestAnswers(closed.flatMap(({ records }) => records)), proofs: closed.map(proofOf) };
    },
  };
}

const proofOf = ({ proof }: ClosedPeriod): PeriodProof => proof;

/** The same records, newest first; beyond the newest 50 answers of a miner at a task none is given twice to scoring. */
function withNewestAnswers(records: readonly PeriodRecord[]): PeriodRecord[] {
  const given = new Map<string, number>();
  return records.map((record) => {
    const place = `${record.hotkey}.${record.registered}.${record.task}`;
    const had = given.get(place) ?? 0;
    const answers = record.answers.slice(0, Math.max(0, MOST_ANSWERS - had));
    given.set(place, had + answers.length);
    return { ...record, answers };
  });
}
