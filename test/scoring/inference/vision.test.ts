import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinedPeriodsPpm, newcomerFactorPpm } from '../../../src/scoring/inference/vision/combined-periods.ts';
import { periodScorePpm } from '../../../src/scoring/inference/vision/period-score.ts';
import { seedFor, seedsOf } from '../../../src/scoring/inference/vision/seeds.ts';
import { speedFactorPpm } from '../../../src/scoring/inference/vision/speed-factor.ts';
import { cubedScoresPpb, meanQualityPpm, meanWorthPpm } from '../../../src/scoring/inference/vision/task-scores.ts';
import { testedSharePpm } from '../../../src/scoring/inference/vision/tested-share.ts';
import { mulDiv } from '../../../src/scoring/mul-div.ts';

/* Worked values of scoring.md, exact to the millionth. */

it.each([
  [1000, 1000, 10, 5, 0, 500_000],
  [1000, 100, 10, 5, 0, 275_000],
  [1000, 100, 10, 0, 5, 275_000],
  [1000, 0, 2, 2, 0, 0],
  [1000, 500, 10, 2, 1, 598_500],
  [1000, 1500, 10, 5, 0, 500_000],
  [0, 10, 10, 5, 0, 500_000],
  [1000, 0, 0, 0, 0, null],
])('period score of (%d, %d, %d, %d, %d)', (declared, consumed, total, limited, failed, ppm) => {
  expect(periodScorePpm({ declared, consumed, total, limited, failed })).toBe(ppm);
});

describe('periods together', () => {
  const combined = (...periods: [number, number][]) => {
    const mean = combinedPeriodsPpm(periods.map(([score, volume]) => ({ score_ppm: score * 1e6, volume })));
    return mean === null ? null : mulDiv(mean, newcomerFactorPpm(periods.length), 1e6);
  };

  it('weigh by volume and age, less for a newcomer', () => {
    expect(combined([1, 100])).toBe(781_250);
    expect(combined([1, 100], [0.5, 100])).toBe(677_083);
    expect(combined(...Array.from({ length: 8 }, (): [number, number] => [1, 10]))).toBe(1_000_000);
    expect(combined([1, 0])).toBeNull();
  });

  it('a newcomer is none after eight', () => {
    expect([0, 4, 8, 30].map(newcomerFactorPpm)).toEqual([750_000, 875_000, 1_000_000, 1_000_000]);
  });
});

describe('speed', () => {
  const speed = { overhead_ms: 0, mean_us: 180_000, variance_milli: 3000 };

  it.each([
    [0, 1_600_000],
    [90_000, 1_504_538],
    [180_000, 1_000_000],
    [200_000, 941_765],
    [500_000, 382_893],
    [1_000_000_000, 0],
  ])('%d µs for a unit give %d', (us, ppm) => {
    expect(speedFactorPpm(us, 1, speed)).toBe(ppm);
    expect(speedFactorPpm(us * 40 + 700_000, 40, { ...speed, overhead_ms: 700 })).toBe(ppm);
  });

  it('is what floating point says, to the millionth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000_000 }), fc.integer({ min: 1, max: 5 }), (us, units) => {
        const x = us / 1e6 / units;
        const expected = x <= 0.18 ? 1 + 0.6 * ((0.18 - x) / 0.18) ** 0.25 : Math.exp((0.18 - x) * 3);
        expect(Math.abs(speedFactorPpm(us, units, speed) - expected * 1e6)).toBeLessThan(1);
      }),
    );
  });
});

describe('scores of a task', () => {
  it('are normalised, cubed and normalised', () => {
    expect(cubedScoresPpb([5n, 3n, 2n])).toEqual([781_250_000, 168_750_000, 50_000_000]);
    expect(cubedScoresPpb([0n, 0n])).toEqual([0, 0]);
  });

  it('take the mean of the newest fifty answers', () => {
    const answer = (quality_ppm: number, speed_ppm: number) => ({ quality_ppm, speed_ppm, elapsed_ms: 0 });
    expect(meanWorthPpm([answer(1_000_000, 1_600_000), answer(500_000, 400_000)])).toBe(900_000);
    expect(meanQualityPpm([answer(1_000_000, 1_600_000), answer(500_000, 400_000)])).toBe(750_000);
    const old = Array.from({ length: 50 }, () => answer(1_000_000, 1_000_000));
    expect(meanWorthPpm([...old, answer(0, 0)])).toBe(1_000_000);
    expect(meanWorthPpm([])).toBe(0);
  });
});

describe('what a period tests', () => {
  it.each([
    [0, 50_000],
    [699_999, 50_000],
    [700_000, 50_000],
    [835_000, 75_000],
    [969_999, 99_999],
    [970_000, 400_000],
    [985_000, 600_000],
    [999_999, 799_986],
  ])('draw %d tests %d', (draw, ppm) => {
    expect(testedSharePpm(draw)).toBe(ppm);
  });

  it('refuses a draw of another range', () => {
    expect(() => testedSharePpm(1_000_000)).toThrow(RangeError);
    expect(() => testedSharePpm(-1)).toThrow(RangeError);
  });
});

it('gives each validator seeds of its own', () => {
  expect(seedsOf(7)).toEqual({ first: 700_000, last: 799_999 });
  fc.assert(
    fc.property(fc.nat(255), fc.nat(), (uid, draw) => {
      const { first, last } = seedsOf(uid);
      const seed = seedFor(uid, draw);
      expect(seed >= first && seed <= last).toBe(true);
    }),
  );
});
