import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerSums } from '../../../src/core/inference-period.ts';
import { periodWorthPpm } from '../../../src/scoring/inference/period-worth.ts';
import { tally } from './tallies.ts';

const worth = (synthetic: Partial<AnswerSums>, organic: Partial<AnswerSums> = {}, owed = 1000) =>
  periodWorthPpm(tally(owed, synthetic, { organic }));

describe('what a unit was worth in a period', () => {
  it('is whole for usual answers, more for fast ones', () => {
    expect(worth({ right: 10 })).toBe(1_000_000);
    expect(worth({ right: 10, worth_ppm: 16e6 })).toBe(1_600_000);
    expect(worth({ right: 5, wrong: 5 })).toBe(500_000);
  });

  it('counts a 429 within what was owed as published', () => {
    // (1000, 100, 10, 5, 0) of scoring.md, in units.
    expect(worth({ right: 50, limited: 50 })).toBe(275_000);
    expect(worth({ right: 50, failed: 50 })).toBe(275_000);
  });

  it('leaves a 429 beyond it out of the denominator', () => {
    expect(worth({ right: 50, beyond: 50 })).toBe(1_000_000);
    expect(worth({ beyond: 50 })).toBeNull();
  });

  it('is open where no check was conclusive, 0 where nothing was answered', () => {
    expect(worth({ unchecked: 10 })).toBeNull();
    expect(worth({})).toBeNull();
    expect(worth({ limited: 10 })).toBe(0);
  });

  it('may be lowered by organic requests', () => {
    expect(worth({ right: 10 }, { failed: 10 }, 20)).toBe(500_000);
    expect(worth({ right: 10 }, { wrong: 10 })).toBe(500_000);
    expect(worth({ right: 10 }, { beyond: 100 })).toBe(1_000_000);
  });

  it('is never raised by them', () => {
    const units = fc.nat(1000);
    const of = fc.record({
      right: units,
      wrong: units,
      limited: units,
      failed: units,
      unchecked: units,
      beyond: units,
    });
    fc.assert(
      fc.property(of, of, units, fc.nat(3), (synthetic, organic, owed, speed) => {
        const bought = { ...organic, worth_ppm: organic.right * speed * 1e6 };
        const [alone, both] = [worth(synthetic, {}, owed), worth(synthetic, bought, owed)];
        expect(both ?? 0).toBeLessThanOrEqual(alone ?? 0);
      }),
    );
  });
});
