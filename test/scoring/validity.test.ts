import { describe, expect, it } from 'vitest';
import { goneAboveBaseline, validityPpm, wilsonLowerPpm } from '../../src/scoring/validity.ts';

const counts = (valid: number, invalid: number, gone: number, inconclusive = 0) => ({
  ...{ valid, invalid, gone, inconclusive },
});

describe('wilsonLowerPpm', () => {
  // Reference values by the published formula in double precision, z = 1.96.
  it.each([
    [0, 30],
    [2, 30],
    [5, 10],
    [20, 26],
    [20, 20],
    [300, 1000],
  ])('%d of %d', (hits, n) => {
    const [z2, p] = [1.96 ** 2, hits / n];
    const spread = 1.96 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
    const expected = Math.max((p + z2 / (2 * n) - spread) / (1 + z2 / n), 0);
    expect(Math.abs(wilsonLowerPpm(hits, n) - expected * 1e6)).toBeLessThan(5);
  });
});

describe('rows that their source does not show', () => {
  it('are nobody’s fault while deletions explain them', () => {
    expect(goneAboveBaseline(counts(28, 0, 2), 100_000)).toBe(false);
    expect(validityPpm(counts(28, 0, 2), false)).toBe(1_000_000);
  });

  it('count as invalid above the baseline', () => {
    expect(goneAboveBaseline(counts(6, 0, 20), 100_000)).toBe(true);
    expect(validityPpm(counts(6, 0, 20), true)).toBe(230_769);
  });

  it('prove nothing where nothing was conclusive', () => {
    expect(goneAboveBaseline(counts(0, 0, 0, 30), 100_000)).toBe(false);
    expect(validityPpm(counts(0, 0, 0, 30), false)).toBe(0);
  });
});
