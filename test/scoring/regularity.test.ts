import { describe, expect, it } from 'vitest';
import { freshnessPpm, platformTimeUs } from '../../src/scoring/freshness.ts';
import { nextRegular, regularityPpm } from '../../src/scoring/regularity.ts';

const PARAMETERS = { regular_epochs: 4, regular_rows: 100, regularity_share_ppm: 200_000 };

describe('regular supply', () => {
  it('is epochs with enough owned rows, out of the last', () => {
    const supply = (...rows: number[]) =>
      rows.reduce<number[]>((before, owned) => nextRegular(before, owned, PARAMETERS), []);
    expect(supply(100, 99, 5000)).toEqual([1, 0, 1]);
    expect(supply(100, 0, 0, 0, 0)).toEqual([0, 0, 0, 0]);
    expect(regularityPpm([1, 0, 1], PARAMETERS)).toBe(900_000);
    expect(regularityPpm([1, 1, 1, 1], PARAMETERS)).toBe(1_000_000);
    expect(regularityPpm([], PARAMETERS)).toBe(800_000);
  });
});

describe('freshness', () => {
  const HOUR = 3_600_000_000;
  const BONUS = { freshness_bonus_ppm: 100_000, freshness_hours: 24 };
  // 2024-03-01T00:00:00Z
  const id = `x:${(1_709_251_200_000n - 1_288_834_974_657n) << 22n}`;
  const made = 1_709_251_200_000_000;

  it('counts by the clock in an X id, and by nothing that a page or miner says', () => {
    expect(platformTimeUs({ source: 'x', id })).toBe(made);
    expect(platformTimeUs({ source: 'web', id: 'web:https://a.example/' })).toBeNull();
    expect(platformTimeUs({ source: 'x', id: 'x:20' })).toBeNull();
    expect(platformTimeUs({ source: 'web', id })).toBeNull();
  });

  it.each([
    ['as it was made', made, 1_100_000],
    ['half the time later', made + 12 * HOUR, 1_050_000],
    ['a day later', made + 24 * HOUR, 1_000_000],
    ['before it was made', made - 1, 1_000_000],
  ])('of a row committed %s', (_, committed, expected) => {
    expect(freshnessPpm(made, committed, BONUS)).toBe(expected);
  });

  it('of a web page is none', () => {
    expect(freshnessPpm(null, made, BONUS)).toBe(1_000_000);
  });
});
