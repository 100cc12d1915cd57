import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyCaps } from '../../src/scoring/caps.ts';
import type { Contribution } from '../../src/scoring/caps.ts';

const ROW = 1_000_000;
const CAPS = { cap_site_ppm: 100_000, cap_author_ppm: 50_000, cap_floor_rows: 0 };
const cell = (site: string, author: string, rows: number) => ({ site, author, payable_ppm: rows * ROW });
const of = (free: number, ...groups: ReturnType<typeof cell>[]): Contribution => ({
  total: groups.reduce((sum, { payable_ppm }) => sum + payable_ppm, free * ROW),
  groups,
});

describe('applyCaps', () => {
  it('cuts nothing of hosts that a job names, and nothing below the floor', () => {
    expect(applyCaps([of(1000), of(3)], CAPS)).toEqual({ totals: [1000 * ROW, 3 * ROW], cuts: new Map() });
    const small = [of(0, cell('only.example', '', 300))];
    expect(applyCaps(small, { ...CAPS, cap_floor_rows: 1000 }).totals).toEqual([300 * ROW]);
  });

  it('shares a capped site pro rata', () => {
    const { totals } = applyCaps([of(900), of(0, cell('s', '', 300)), of(0, cell('s', '', 100))], CAPS);
    expect(totals).toEqual([900 * ROW, 75 * ROW, 25 * ROW]);
  });

  it('is raised by no flood of rows that are cut themselves', () => {
    const paid = (rows: number) => applyCaps([of(900), of(0, cell('s', '', rows))], CAPS).totals[1];
    expect(paid(1_000_000)).toBe(paid(1000));
  });

  it('pays 1,000 accounts of one instance one cap', () => {
    const accounts = Array.from({ length: 1000 }, (_, index) => cell('i', `i/${index}`, 10));
    expect(applyCaps([of(900), of(0, ...accounts)], CAPS).totals[1]).toBeLessThanOrEqual(100 * ROW);
  });

  it('cuts an author, then the site that it wrote on', () => {
    const { totals, cuts } = applyCaps([of(950), of(0, cell('', 'x/loud', 400))], CAPS);
    expect(totals[1]).toBe(50 * ROW);
    expect([...cuts.keys()]).toEqual(['author:x/loud']);
  });

  it('leaves no group more than its share of what is paid, whatever the keys are', () => {
    const groups = fc.array(fc.record({ site: fc.constantFrom('', 'a', 'b', 'c'), rows: fc.nat(1000) }), {
      maxLength: 6,
    });
    const miner = fc.record({ free: fc.nat(1000), groups });
    fc.assert(
      fc.property(fc.array(miner, { minLength: 1, maxLength: 6 }), (miners) => {
        const contributions = miners.map(({ free, groups: list }) =>
          of(free, ...list.map(({ site, rows }) => cell(site, '', rows))),
        );
        const { totals, cuts } = applyCaps(contributions, CAPS);
        const paid = totals.reduce((sum, total) => sum + total, 0);
        for (const cut of cuts.values()) expect(cut.paid).toBeLessThanOrEqual(paid * 0.1 + 100);
        totals.forEach((total, index) => {
          expect(total).toBeGreaterThanOrEqual(0);
          expect(total).toBeLessThanOrEqual(contributions[index]?.total ?? 0);
        });
        // All of them under one key are paid the same.
        const one = { total: 0, groups: [] as ReturnType<typeof cell>[] };
        for (const item of contributions) {
          one.total += item.total;
          one.groups.push(...item.groups);
        }
        expect(Math.abs((applyCaps([one], CAPS).totals[0] ?? 0) - paid)).toBeLessThan(100);
      }),
    );
  });
});
