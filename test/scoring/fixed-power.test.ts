import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expMinusPpb, integerSqrt, powerPpb } from '../../src/scoring/fixed-power.ts';

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

describe('expMinusPpb', () => {
  it('is within a part per billion of the floating point exponential', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), (n) => {
        const difference = Number(expMinusPpb(BigInt(n), 1_000_000n)) - Math.exp(-n / 1_000_000) * 1e9;
        expect(Math.abs(difference)).toBeLessThan(1.001);
      }),
    );
  });

  it('is whole at 0, nothing far out, and refuses what is below 0', () => {
    expect([expMinusPpb(0n, 1n), expMinusPpb(1n, 1n), expMinusPpb(10n ** 30n, 1n)]).toEqual([
      1_000_000_000n,
      367_879_441n,
      0n,
    ]);
    expect(() => expMinusPpb(-1n, 1n)).toThrow(RangeError);
    expect(() => expMinusPpb(1n, 0n)).toThrow(RangeError);
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
