import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedRows, nextCredibility, verifiedRows } from '../../src/scoring/credibility.ts';

const PARAMETERS = {
  credibility_start_ppm: 500_000,
  credibility_gain_ppm: 100_000,
  credibility_loss_ppm: 500_000,
  sample_rows: 30,
};
const next = (before: number, valid: number, wrong: number): number =>
  nextCredibility(before, valid, wrong, PARAMETERS);

describe('nextCredibility', () => {
  it('goes a tenth of the way up with a whole sample, less with a part of it', () => {
    expect(next(500_000, 30, 0)).toBe(550_000);
    expect(next(500_000, 15, 0)).toBeLessThan(530_000);
  });

  it('reaches the whole with clean samples, and is lost five times as quickly', () => {
    let credibility = 500_000;
    for (let epoch = 0; epoch < 60; epoch += 1) credibility = next(credibility, 30, 0);
    expect(credibility).toBeGreaterThan(990_000);
    const caught = next(credibility, 15, 15);
    expect(caught).toBeLessThan(700_000);
    let epochs = 0;
    for (let back = caught; back < 950_000; back = next(back, 30, 0)) epochs += 1;
    expect(epochs).toBeGreaterThan(15);
  });

  it('never falls where nothing was wrong, and never rises where nothing was checked', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(30), (before, valid) => {
        expect(next(before, valid, 0)).toBeGreaterThanOrEqual(before);
        expect(next(before, 0, 0)).toBe(before);
      }),
    );
  });

  it('stays within 0 and 1', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(100), fc.nat(100), (before, valid, wrong) => {
        expect(next(before, valid, wrong)).toBeGreaterThanOrEqual(0);
        expect(next(before, valid, wrong)).toBeLessThanOrEqual(1_000_000);
      }),
    );
  });
});

describe('an allowance', () => {
  it('is twice the most that was verified before, at least the starting one', () => {
    expect(allowedRows(0, 50_000)).toBe(50_000);
    expect(allowedRows(40_000, 50_000)).toBe(80_000);
  });

  it('grows by what a sample surely shows', () => {
    expect(verifiedRows(50_000, 30, 0)).toBe(44_324);
    expect(verifiedRows(50_000, 3, 0)).toBeLessThan(22_000);
    expect(verifiedRows(50_000, 0, 0)).toBe(0);
  });
});
