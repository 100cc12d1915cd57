import type { Redis } from 'ioredis';
import { keyspace } from '../../redis/keys.ts';

/** What a validator holds of its periods of one length while they run. */
export interface PeriodState {
  /** The period's secret; null where none was drawn, or it is gone. */
  secret: (period: number) => Promise<string | null>;
  /** Keeps a secret unless there is one. @returns the one that counts */
  keepSecret: (period: number, fresh: string) => Promise<string>;
  /** The block in which the secret's digest was anchored; null where it was not. The first word on it stays. */
  noteAnchor: (period: number, block: number | null) => Promise<void>;
  anchor: (period: number) => Promise<number | null>;
  /** Digest of the period's plan; null before there is one. */
  plan: (period: number) => Promise<string | null>;
  /** Notes a plan unless there is one. @returns digest of the one that counts */
  notePlan: (period: number, digest: string, fullLoad: boolean) => Promise<string>;
  /** The newest period of full load before this one. */
  fullLoadBefore: (period: number) => Promise<number | null>;
}

/** Longer than any period and its scoring take. */
const KEPT_S = 30 * 86_400;
/** Of full loads the newest alone is needed; a period that is planned again needs the one before. */
const FULL_LOADS = 8;

export function createPeriodState(options: { redis: Redis; hotkey: string; periodMs: number }): PeriodState {
  const { redis } = options;
  const key = keyspace(options.hotkey);
  const name = (part: string, period: number): string => key('challenge', part, options.periodMs, period);
  const fullLoads = key('challenge', 'full-loads', options.periodMs);
  const keepFirst = async (at: string, value: string): Promise<string> => {
    await redis.set(at, value, 'EX', KEPT_S, 'NX');
    return (await redis.get(at)) ?? value;
  };
  return {
    secret: (period) => redis.get(name('secret', period)),
    keepSecret: (period, fresh) => keepFirst(name('secret', period), fresh),
    async noteAnchor(period, block) {
      await keepFirst(name('anchor', period), String(block ?? ''));
    },
    async anchor(period) {
      const block = await redis.get(name('anchor', period));
      return block === null || block === '' ? null : Number(block);
    },
    plan: (period) => redis.get(name('plan', period)),
    async notePlan(period, digest, fullLoad) {
      const at = name('plan', period);
      const noting = redis.multi().set(at, digest, 'EX', KEPT_S, 'NX');
      // Together: a plan is never made twice, so that a full load forgotten by a crash between the two would stay forgotten. All plans of a period agree on it.
      if (fullLoad) noting.zadd(fullLoads, period, String(period)).zremrangebyrank(fullLoads, 0, -FULL_LOADS - 1);
      await noting.exec();
      return (await redis.get(at)) ?? digest;
    },
    async fullLoadBefore(period) {
      const [newest] = await redis.zrevrangebyscore(fullLoads, `(${period}`, '-inf', 'LIMIT', 0, 1);
      return newest === undefined ? null : Number(newest);
    },
  };
}
