import { describe, expect, it } from 'vitest';
import { foldOutcomes, noteReach, troubledSlots } from '../../../src/inference/challenge/fold-outcomes.ts';
import type { SlotReach } from '../../../src/inference/challenge/fold-outcomes.ts';
import type { CheckedOutcome } from '../../../src/inference/challenge/query-outcome.ts';

let index = 0;
const outcome = (over: Partial<CheckedOutcome>): CheckedOutcome => ({
  ...{ index: index++, kind: 'synthetic', slot: 0, at_ms: index, units: 100, owed: true },
  ...{ outcome: 'answered', reason: 'answered', elapsed_ms: 40, first_ms: 5, attempt: 0, speed_ppm: 1_500_000 },
  ...{ request: null, recipe: null, answer: null, check: null },
  ...over,
});
const checked = (verdict: 'right' | 'wrong' | 'inconclusive', quality_ppm: number, reason: string): CheckedOutcome =>
  outcome({ check: { verdict, quality_ppm, reason } });
const fold = (outcomes: CheckedOutcome[], troubled = new Set<number>()) =>
  foldOutcomes({ stated: 5000, owed: 1000 }, true, outcomes, troubled);

describe('a period, added up', () => {
  it('counts units by what came of them, and requests by their reason', () => {
    const { tally, answers, reasons } = fold([
      checked('right', 800_000, 'same'),
      checked('wrong', 0, 'unlikely_tokens'),
      checked('inconclusive', 0, 'checker_failed'),
      outcome({}),
      outcome({ outcome: 'limited', reason: 'limited' }),
      outcome({ outcome: 'failed', reason: 'timed_out', units: 7 }),
      outcome({ outcome: 'skipped', reason: 'no_prompt' }),
    ]);
    expect(tally).toEqual({
      ...{ stated: 5000, owed: 1000, full_load: true },
      synthetic: { right: 100, wrong: 100, unchecked: 200, limited: 100, beyond: 0, failed: 7, worth_ppm: 120_000_000 },
      organic: { right: 0, wrong: 0, unchecked: 0, limited: 0, beyond: 0, failed: 0, worth_ppm: 0 },
      requests: { total: 6, limited: 1, failed: 1 },
    });
    expect(reasons).toEqual({
      ...{ right: 1, unlikely_tokens: 1, checker_failed: 1, unchecked: 1, limited: 1, timed_out: 1 },
    });
    expect(answers.map(({ quality_ppm }) => quality_ppm)).toEqual([0, 800_000]);
  });

  it('takes a 429 beyond what was owed out of the count', () => {
    const { tally, reasons } = fold([
      outcome({}),
      outcome({ outcome: 'limited', reason: 'limited', owed: false, units: 30 }),
    ]);
    expect(tally.requests).toEqual({ total: 1, limited: 0, failed: 0 });
    expect(tally.synthetic).toMatchObject({ limited: 0, beyond: 30 });
    expect(reasons).toEqual({ unchecked: 1 });
  });

  it('keeps the 50 newest answers', () => {
    const { answers } = fold(Array.from({ length: 60 }, (_, at) => ({ ...checked('right', at, 'same'), at_ms: at })));
    expect(answers.map(({ quality_ppm }) => quality_ppm)).toEqual(Array.from({ length: 50 }, (_, at) => 59 - at));
  });

  it('counts for nobody a slot in which nobody was reached, and for a miner one in which it alone was not', () => {
    const slots = new Map<number, SlotReach>();
    const away = (slot: number): CheckedOutcome => outcome({ slot, outcome: 'failed', reason: 'unreachable' });
    const seen: [string, CheckedOutcome][] = [
      ['a', away(0)],
      ['b', away(0)],
      ['a', away(1)],
      ['b', outcome({ slot: 1 })],
      ['a', away(2)],
    ];
    for (const [miner, one] of seen) noteReach(slots, miner, one);
    expect([...troubledSlots(slots)]).toEqual([0]);
    const own = seen.filter(([miner]) => miner === 'a').map(([, one]) => one);
    expect(fold(own, troubledSlots(slots)).tally.requests).toEqual({ total: 2, limited: 0, failed: 2 });
  });
});
