import { describe, expect, it } from 'vitest';
import { strategyOf } from '../../../src/scoring/simulation/strategies/by-name.ts';
import { played, scenario, share } from './scenarios.ts';

const SMALL = { epochs: 6, rows: 60 };

describe('a simulated run', () => {
  it('gives the same for the same seed, and honest work its whole share', () => {
    const honest = played({ name: 'honest' }, SMALL);
    expect(share(honest)).toBe(1_000_000);
    expect(honest.others_keep_ppm).toBe(1_000_000);
    expect(played({ name: 'honest' }, SMALL)).toEqual(honest);
  });

  it('pays nothing for a copy, and less the more is invented', () => {
    expect(share(played({ name: 'copy' }, SMALL))).toBe(0);
    const shares = [100_000, 300_000, 600_000, 1_000_000].map((share_ppm) =>
      share(played({ name: 'invent', way: 'unread', share_ppm }, SMALL)),
    );
    expect([...shares].sort((a, b) => b - a)).toEqual(shares);
    expect(shares.at(-1)).toBe(0);
  });

  it('pays one cap for a site, however many its rows and subdomains', () => {
    const income = (share_ppm: number): number =>
      played({ name: 'invent', way: 'open', share_ppm }, SMALL).by_formula.seine?.income_ppm ?? 0;
    const some = income(1_000_000);
    // A quarter without a cap.
    expect(some).toBeGreaterThan(50_000);
    expect(some).toBeLessThan(150_000);
    expect(income(8_000_000)).toBe(some);
  });

  it('voids what a minority of validators had, and pays what a majority had', () => {
    expect(share(played({ name: 'serve-one' }, { ...SMALL, validators: 3 }))).toBe(0);
    expect(share(played({ name: 'serve-one' }, { ...SMALL, validators: 1 }))).toBe(1_000_000);
  });

  it('refuses a strategy that it does not have, or whose numbers are missing', () => {
    const given = scenario('attacks');
    expect(() => strategyOf({ name: 'toString' }, given, 's')).toThrow(/no strategy toString; there are honest/);
    expect(() => strategyOf({ name: 'burst' }, given, 's')).toThrow(/needs a whole number as epochs/);
    expect(() => strategyOf({ name: 'alternate', way: 'up' }, given, 's')).toThrow(/needs a way/);
  });
}, 60_000);
