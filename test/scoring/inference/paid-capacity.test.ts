import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawPpm, isFullLoad } from '../../../src/scoring/inference/full-load.ts';
import { CAPACITY_PARAMETERS, paidCapacity } from '../../../src/scoring/inference/paid-capacity.ts';
import type { PeriodTally } from '../../../src/core/inference-period.ts';
import { wasOwed } from '../../../src/scoring/inference/period-tally.ts';
import { tally } from './tallies.ts';

/** Oldest first, as they happen. */
const proven = (...periods: PeriodTally[]) => paidCapacity(periods.toReversed(), 0, CAPACITY_PARAMETERS).proven;
const light = (owed: number, right: number) => tally(owed, { right }, { full_load: false });

describe('proven capacity', () => {
  it('is the volume of a full load of which 95 % was answered rightly', () => {
    expect(proven(tally(100, { right: 100 }))).toBe(100);
    expect(proven(tally(100, { right: 95, failed: 5 }))).toBe(95);
    expect(proven(tally(100, { right: 94, failed: 6 }))).toBe(0);
    expect(proven(tally(100, { right: 94, wrong: 6 }))).toBe(0);
    expect(proven(tally(100, { right: 94, limited: 6 }))).toBe(0);
  });

  it('takes what was not checked to be as right as what was', () => {
    expect(proven(tally(100, { right: 20, unchecked: 80 }))).toBe(100);
    expect(proven(tally(100, { right: 10, wrong: 10, unchecked: 80 }))).toBe(0);
  });

  it('is not shown by other periods, which ask more of whoever states more', () => {
    expect(proven(light(1000, 100))).toBe(0);
    expect(proven(tally(100, { right: 100 }), light(100, 5), light(100, 10))).toBe(100);
  });

  it('lasts 24 periods', () => {
    const after = (count: number) =>
      proven(tally(100, { right: 100 }), ...Array.from({ length: count }, () => light(100, 5)));
    expect([after(23), after(24)]).toEqual([100, 0]);
  });

  it('is lowered by a full load that was answered worse, and by stating less', () => {
    expect(proven(tally(100, { right: 100 }), tally(100, { right: 40, failed: 60 }))).toBe(40);
    expect(proven(tally(100, { right: 100 }), light(0, 0), light(100, 5))).toBe(0);
    expect(proven(tally(100, { right: 100 }), tally(200, { right: 150, failed: 50 }))).toBe(100);
  });

  it('stays where the validator had the trouble', () => {
    expect(proven(tally(100, { right: 100 }), tally(100, { unchecked: 100 }))).toBe(100);
    expect(proven(tally(100, { right: 100 }), tally(100, { right: 30 }))).toBe(100);
    expect(proven(tally(100, { right: 100 }), tally(100, {}))).toBe(100);
  });

  it('is never more than what is stated', () => {
    expect(proven(tally(100, { right: 300 }))).toBe(100);
    expect(proven(tally(0, { right: 300 }))).toBe(0);
  });

  it('leaves a 429 beyond what was owed out', () => {
    expect(proven(tally(100, { right: 60, beyond: 40 }))).toBe(60);
    expect(wasOwed(100, 90, 10)).toBe(true);
    expect(wasOwed(100, 90, 11)).toBe(false);
  });
});

describe('paid capacity', () => {
  it('begins at a 32nd and grows twofold a period', () => {
    const periods = [tally(100, { right: 100 })];
    const paid: number[] = [];
    for (let before = 0; paid.length < 7; before = paid.at(-1) ?? 0) {
      paid.push(paidCapacity(periods, before, CAPACITY_PARAMETERS).paid_ppm);
    }
    expect(paid.map((ppm) => ppm / 1e6)).toEqual([3.125, 6.25, 12.5, 25, 50, 100, 100]);
  });

  it('begins alike for one key and for fifty', () => {
    const first = (units: number) => paidCapacity([tally(units, { right: units })], 0, CAPACITY_PARAMETERS).paid_ppm;
    expect(50 * first(2)).toBe(first(100));
  });

  it('falls at once', () => {
    const periods = [tally(100, { right: 40, failed: 60 }), tally(100, { right: 100 })];
    expect(paidCapacity(periods, 100e6, CAPACITY_PARAMETERS).paid_ppm).toBe(40e6);
  });
});

describe('a period of full load', () => {
  it('comes within every 24, each as likely', () => {
    const gaps = new Array<number>(25).fill(0);
    let since: number | null = null;
    for (let period = 0; period < 30_000; period += 1) {
      const isFull: boolean = isFullLoad(drawPpm(`period ${period}`), since, 24);
      if (isFull && since !== null) gaps[since] = (gaps[since] ?? 0) + 1;
      since = isFull ? 1 : (since ?? 0) + 1;
      expect(since).toBeLessThanOrEqual(24);
    }
    // Of 2,400 gaps 100 each are expected; five standard deviations are 49.
    expect(gaps.slice(1).every((count) => count > 51 && count < 149)).toBe(true);
  });

  it('is the first', () => {
    expect(isFullLoad(999_999, null, 24)).toBe(true);
    expect(isFullLoad(999_999, 23, 24)).toBe(false);
    expect(isFullLoad(999_999, 24, 24)).toBe(true);
  });

  it('is drawn from 0 to 999,999', () => {
    fc.assert(fc.property(fc.string(), (seed) => drawPpm(seed) >= 0 && drawPpm(seed) < 1_000_000));
  });
});
