import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerSqrt, powerPpb } from '../../src/scoring/fixed-power.ts';

describe('powerPpb', () => {
  it.each([
    [1n, 1n, 1500, 1_000_000_000n],
    [0n, 5n, 1500, 0n],
    [1n, 4n, 500, 500_000_000n],
    [1n, 2n, 2000, 250_000_000n],
    [3n, 10n, 3000, 27_000_000n],
    [5n, 10n, 3000, 125_000_000n],
  ])('(%d/%d)^%d/1000', (numerator, denominator, exponent, expected) => {
    const difference = powerPpb(numerator, denominator, exponent) - expected;
    expect(difference >= -1n && difference <= 1n).toBe(true);
  });

  it('is within a part per billion of the floating point power', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1000, max: 4000 }), (n, exponent) => {
        const expected = (n / 1_000_000) ** (exponent / 1000);
        expect(Number(powerPpb(BigInt(n), 1_000_000n, exponent)) / 1e9).toBeCloseTo(expected, 8);
      }),
    );
  });

  it('refuses what is not a share', () => {
    expect(() => powerPpb(3n, 2n, 1000)).toThrow(RangeError);
    expect(() => powerPpb(1n, 0n, 1000)).toThrow(RangeError);
  });
});

it('integerSqrt is the largest integer whose square is not above', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), (n) => {
      const root = integerSqrt(n);
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true);
    }),
  );
});
