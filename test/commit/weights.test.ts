import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WEIGHT, normalizeWeights, weightShares } from '../../src/commit/weights.ts';

describe('normalizeWeights', () => {
  it('scales the largest to 65535, rounds to nearest, drops zeros and sorts by uid', () => {
    const weights = [
      { uid: 7, weight: 250_000_000 },
      { uid: 2, weight: 750_000_000 },
      { uid: 5, weight: 0 },
      { uid: 1, weight: 5_000 },
    ];
    expect(normalizeWeights(weights)).toEqual({ uids: [2, 7], values: [65_535, 21_845] });
  });

  it('gives nothing for nothing', () => {
    expect(normalizeWeights([])).toEqual({ uids: [], values: [] });
    expect(normalizeWeights([{ uid: 1, weight: 0n }])).toEqual({ uids: [], values: [] });
  });

  it('refuses negative weights', () => {
    expect(() => normalizeWeights([{ uid: 3, weight: -1 }])).toThrow(/uid 3.*-1/);
  });

  it('keeps shares within the rounding of the wire', () => {
    const lists = fc.uniqueArray(fc.record({ uid: fc.nat(255), weight: fc.bigInt(0n, 10n ** 18n) }), {
      selector: ({ uid }) => uid,
      minLength: 1,
    });
    fc.assert(
      fc.property(lists, (weights) => {
        const { uids, values } = normalizeWeights(weights);
        const sum = weights.reduce((total, { weight }) => total + weight, 0n);
        if (sum === 0n) return;
        expect(Math.max(...values)).toBe(MAX_WEIGHT);
        const shares = weightShares(uids.map((uid, at) => [uid, values[at] ?? 0]));
        expect([...shares.values()].reduce((total, share) => total + share, 0)).toBeCloseTo(1, 9);
        for (const { uid, weight } of weights) {
          const exact = Number((weight * 1_000_000_000n) / sum) / 1e9;
          expect(Math.abs((shares.get(uid) ?? 0) - exact)).toBeLessThan(weights.length / MAX_WEIGHT);
        }
      }),
    );
  });
});

describe('weightShares', () => {
  it('is empty where nothing is set', () => {
    expect(weightShares([])).toEqual(new Map());
    expect(weightShares([[1, 0]])).toEqual(new Map());
  });
});
