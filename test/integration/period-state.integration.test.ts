import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, it } from 'vitest';
import { createClosedPeriods } from '../../src/inference/challenge/closed-periods.ts';
import type { ClosedPeriod } from '../../src/inference/challenge/closed-periods.ts';
import { createPeriodState } from '../../src/inference/challenge/period-state.ts';
import { useOwnRedis } from '../support/own-redis.ts';

const PERIOD_MS = 60_000;
const { redis } = useOwnRedis();

beforeEach(() => redis().flushall());

const stateOf = (by: Redis) => createPeriodState({ redis: by, hotkey: '5Validator', periodMs: PERIOD_MS });

/** The same Redis for a process that dies after so many answers. */
function dyingAfter(answers: number): Redis {
  let left = answers;
  const counted = <T>(answer: Promise<T>): Promise<T> => {
    left -= 1;
    return left < 0 ? Promise.reject(new Error('the process died')) : answer;
  };
  return new Proxy(redis(), {
    get(target, name) {
      if (name === 'multi') {
        return () => {
          const multi = target.multi();
          const exec = multi.exec.bind(multi);
          return Object.assign(multi, { exec: () => counted(exec()) });
        };
      }
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (left <= 0) return Promise.reject(new Error('the process died'));
        return counted(value.apply(target, args) as Promise<unknown>);
      };
    },
  });
}

describe('the state of a period', () => {
  it('keeps the first secret, and draws none when it is only read', async () => {
    const state = stateOf(redis());
    expect(await state.secret(4)).toBeNull();
    expect(await state.keepSecret(4, 'first')).toBe('first');
    expect(await state.keepSecret(4, 'second')).toBe('first');
    expect(await state.secret(4)).toBe('first');
  });

  it.each([0, 1, 2, 3])(
    'never has a plan of full load without the full load, whenever it dies (%i answers)',
    async (answers) => {
      await stateOf(dyingAfter(answers))
        .notePlan(4, 'plan', true)
        .catch(() => undefined);
      const [plan, last] = [await stateOf(redis()).plan(4), await stateOf(redis()).fullLoadBefore(5)];
      if (plan !== null) expect([plan, last]).toEqual(['plan', 4]);
      expect(await stateOf(redis()).notePlan(4, 'other', true)).toBe(plan ?? 'other');
      expect(await stateOf(redis()).fullLoadBefore(5)).toBe(4);
    },
  );

  it('gives closed periods again, one or those that are scored', async () => {
    const objects = new Map<string, ClosedPeriod>();
    const closed = createClosedPeriods({
      ...{ redis: redis(), hotkey: '5Validator', windowPeriods: 24 },
      put: (period) =>
        Promise.resolve(void objects.set(`${period.proof.period}`, period)).then(() => `${period.proof.period}`),
      get: (digest) => Promise.resolve(objects.get(digest)!),
    });
    const proof = { period_ms: PERIOD_MS, period: 4, secret: 'ab'.repeat(32) } as ClosedPeriod['proof'];
    expect(await closed.find(proof)).toBeNull();
    await closed.close({ ended_ms: 5 * PERIOD_MS, records: [], proof });
    expect(await closed.find(proof)).toMatchObject({ proof });
    expect(await closed.find({ period_ms: PERIOD_MS, period: 3 })).toBeNull();
    expect((await closed.upTo(5 * PERIOD_MS, [PERIOD_MS, PERIOD_MS])).proofs).toEqual([proof]);
    // Too new, and of a length that no task has any more.
    expect((await closed.upTo(5 * PERIOD_MS - 1, [PERIOD_MS])).proofs).toEqual([]);
    expect((await closed.upTo(5 * PERIOD_MS, [2 * PERIOD_MS])).proofs).toEqual([]);
  });
});
