import { describe, expect, it } from 'vitest';
import { nicheImageRewardPpm } from '../../../src/scoring/inference/niche-image/reward.ts';
import { incomeShare, play } from './machine.ts';
import type { Machine } from './machine.ts';

/* The rows of the attack table on inference: an attacker's income as a share of an honest miner's with the same machine. */

const CAPACITY = 100_000;
const HONEST: Machine = { keys: 1, states: () => CAPACITY, capacity: CAPACITY };
const seine = (machine: Partial<Machine>, periods = 150) =>
  incomeShare(play([{ ...HONEST, ...machine }, HONEST], 'seine', periods));
/** What rounding down may cost either of them. */
const WHOLE = 1 + 1e-6;

describe('declaring more than one can serve (5)', () => {
  it.each([1, 1.02, 1.05, 1.1, 1.5, 2, 3, 5, 10, 20, 40, 100])('%d times never pays', (times) => {
    const share = seine({ states: () => Math.floor(CAPACITY * times) });
    expect(share).toBeLessThanOrEqual(WHOLE);
    // Within the 5 % that may go wrong it is a matter of rounding; beyond, nothing is proven.
    if (times > 1.06) expect(share).toBe(0);
  });

  it('1,000 and serving 40 never earns more than declaring 40, by any factor', () => {
    const forty: Machine = { keys: 1, states: () => 40, capacity: 40 };
    const declared = (states: Machine['states']) => incomeShare(play([{ ...forty, states }, forty], 'seine', 60));
    for (let factor = 1; factor <= 100; factor += 1) {
      const more = 40 * factor;
      expect(
        declared(() => more),
        `${factor} times`,
      ).toBeLessThanOrEqual(WHOLE);
      // Whether a period is one of full load is known at its start, before capacities are asked for.
      const byLoad = declared((_, __, isFull) => (isFull ? 40 : more));
      expect(byLoad, `${factor} times between full loads`).toBeLessThanOrEqual(WHOLE);
    }
    expect(declared(() => 1000)).toBe(0);
    expect(declared((_, __, isFull) => (isFull ? 1000 : 40))).toBe(0);
  }, 180_000);

  it.each([0.1, 0.5, 0.99])('%d times pays as much less', (times) => {
    expect(seine({ states: () => Math.floor(CAPACITY * times) })).toBeCloseTo(times, 4);
  });

  it('pays nine times under period scores and declared capacity, 860 times when cubed', () => {
    const played = play([{ ...HONEST, states: () => 10 * CAPACITY }, HONEST], 'vision_code', 4000);
    const raw = played.map((machines) => {
      const [attacker, honest] = machines.map(([one]) => one?.reasons);
      if (attacker?.formula !== 'vision_code' || honest?.formula !== 'vision_code') throw new Error('another formula');
      return (attacker.capacity * attacker.period_ppm) / (honest.capacity * honest.period_ppm);
    });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(raw)).toBeGreaterThan(8.5);
    expect(mean(raw)).toBeLessThan(9.5);
    const cubed = played.map(([attacker, honest]) => (attacker?.[0]?.earned ?? 0) / (honest?.[0]?.earned ?? 0));
    expect(mean(cubed)).toBeGreaterThan(820);
    expect(mean(cubed)).toBeLessThan(900);
  });
});

describe('many keys of one machine (8)', () => {
  it.each([1, 2, 3, 7, 10, 20, 50])('%d keys that share its capacity never pay more', (keys) => {
    const share = seine({ keys, states: () => Math.floor(CAPACITY / keys) }, 80);
    expect(share).toBeLessThanOrEqual(WHOLE);
    expect(share).toBeGreaterThan(0.999);
  });

  it.each([2, 3, 10, 20, 50])('%d keys that each state all of it never pay more', (keys) => {
    for (const rotates of [false, true]) {
      expect(seine({ keys, rotates, states: () => CAPACITY }, 80)).toBeLessThanOrEqual(WHOLE);
    }
  });

  it.each([2, 5])('%d keys that state all of it in turns never pay more', (keys) => {
    const inTurns = (length: number) =>
      seine({ keys, states: (key, period) => (Math.floor(period / length) % keys === key ? CAPACITY : 0) });
    for (const length of [1, 6, 12, 24]) expect(inTurns(length)).toBeLessThanOrEqual(WHOLE);
  });

  it('1 to 50 keys that know of full loads, and declare 25 times as much between them, never earn more', () => {
    for (let keys = 1; keys <= 50; keys += 1) {
      const own = Math.floor(CAPACITY / keys);
      const share = seine({ keys, states: (_, __, isFull) => (isFull ? own : 25 * own) }, 60);
      expect(share, `${keys} keys`).toBeLessThanOrEqual(WHOLE);
    }
  }, 300_000);

  it('pay 7.3 times under the published volume factor', () => {
    const reward = (volume: number) =>
      nicheImageRewardPpm({ score_ppm: 1e6, elapsed_ms: 6000, timeout_ms: 12_000, volume }, 'page');
    expect((10 * reward(100)) / reward(1000)).toBeCloseTo(7.265, 3);
    const earned = play(
      [
        { ...HONEST, capacity: 1000, keys: 10, states: () => 100 },
        { ...HONEST, states: () => 1000 },
      ],
      'niche_image_page',
      2,
    );
    expect(incomeShare(earned)).toBeCloseTo(7.265, 3);
  });

  it('pay as many times under a page that does not count capacity', () => {
    const earned = play([{ ...HONEST, keys: 10, states: () => CAPACITY / 10 }, HONEST], 'vision_page', 30);
    expect(incomeShare(earned)).toBeCloseTo(10, 3);
  });
});

describe('429 on dear requests (18)', () => {
  // A tenth of the requests is two fifths of the work; who refuses it needs three fifths of a machine.
  const refuses = { requests: 10, units: 40 };
  const cost = 0.6;

  it('does not pay', () => {
    expect(seine({ refuses }) / cost).toBe(0);
    // Few enough to pass as full load: still less than they save.
    for (const units of [1, 3, 5]) {
      expect(seine({ refuses: { requests: 1, units } }) / (1 - units / 100)).toBeLessThanOrEqual(WHOLE);
    }
  });

  it('pays where requests are counted, not what they cost', () => {
    const page = incomeShare(play([{ ...HONEST, refuses }, HONEST], 'vision_page', 200));
    expect(page / cost).toBeGreaterThan(1.3);
  });
});

describe('capacity that is there for full loads only', () => {
  it('is paid, because nobody sees whose it is: docs/attacks.md says so', () => {
    expect(seine({ states: () => 10 * CAPACITY, rents: 9 * CAPACITY })).toBeGreaterThan(5);
  });
});

describe('buying one’s own organic requests (19)', () => {
  it.each([1, 10, 1000])('gains nothing with %d times as many as the validator sends', (times) => {
    const bought = (served: number) => ({ right: served * times, worth_ppm: served * times * 1.6e6 });
    expect(seine({ organic: bought })).toBe(1);
    const idle = { states: () => 2 * CAPACITY, organic: bought };
    expect(seine(idle)).toBe(0);
  });
});
