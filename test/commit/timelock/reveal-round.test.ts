import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dividedSchedule,
  firstRevealBlock,
  revealRound,
  storedSchedule,
} from '../../../src/commit/timelock/reveal-round.ts';
import { QUICKNET, timeOfRound } from '../../../src/core/drand/beacon.ts';
import { InvalidInputError } from '../../../src/core/errors.ts';

const states = fc.record({
  block: fc.integer({ min: 100, max: 10_000 }),
  age: fc.nat(60),
  pendingIn: fc.option(fc.integer({ min: 1, max: 60 })),
  tempo: fc.integer({ min: 1, max: 50 }),
  period: fc.integer({ min: 1, max: 4 }),
});

/** The chain block by block: an epoch runs where it is due or asked for, and its index counts from that block on. */
function firstRevealByBlock(block: number, last: number, pending: number, tempo: number, period: number): number {
  let epoch = 0;
  let target = Number.NaN;
  for (let next = block + 1; ; next++) {
    if (next - last >= tempo || (pending > 0 && next >= pending)) {
      epoch += 1;
      last = next;
      pending = 0;
    }
    if (next === block + 1) target = epoch + period;
    else if (epoch === target) return next;
  }
}

describe('firstRevealBlock', () => {
  it('is where a chain that runs block by block first reveals', () => {
    fc.assert(
      fc.property(states, ({ block, age, pendingIn, tempo, period }) => {
        const lastEpochBlock = block - age;
        const pendingEpochAt = pendingIn === null ? 0 : block + pendingIn;
        const schedule = storedSchedule({ block, lastEpochBlock, pendingEpochAt, tempo });
        const expected = firstRevealByBlock(block, lastEpochBlock, pendingEpochAt, tempo, period);
        expect(firstRevealBlock(schedule, period)).toBe(expected);
      }),
    );
  });

  it('is where chains that divide block numbers begin an epoch', () => {
    const cases = fc.record({
      block: fc.integer({ min: 1, max: 10_000 }),
      netuid: fc.nat(200),
      tempo: fc.integer({ min: 1, max: 400 }),
      period: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(cases, ({ block, netuid, tempo, period }) => {
        const epochOf = (number: number): number => Math.floor((number + netuid + 1) / (tempo + 1));
        const reveal = firstRevealBlock(dividedSchedule({ block, netuid, tempo }), period);
        const target = epochOf(block + 1) + period;
        expect([epochOf(reveal - 1), epochOf(reveal)]).toEqual([target - 1, target]);
      }),
    );
  });

  it('is never where a subnet runs no epochs', () => {
    expect(() => dividedSchedule({ block: 1, netuid: 1, tempo: 0 })).toThrow(InvalidInputError);
  });
});

describe('revealRound', () => {
  const schedule = { block: 100, nextEpochBlock: 110, blocksPerEpoch: 20 };
  const request = { schedule, revealPeriodEpochs: 1, blockTimeSeconds: 12, beacon: QUICKNET };

  it('comes out after the epoch has begun and before the third block after it', () => {
    const nowSeconds = 1_800_000_000;
    const round = revealRound({ ...request, nowSeconds });
    const begins = nowSeconds + 10 * 12;
    expect(timeOfRound(QUICKNET, round)).toBeGreaterThan(begins);
    expect(timeOfRound(QUICKNET, round)).toBeLessThan(begins + 3 * 12);
  });

  it('is at least the first', () => {
    expect(revealRound({ ...request, nowSeconds: 0 })).toBe(1);
  });
});
