import { describe, expect, it } from 'vitest';
import type { PeriodRecord } from '../../../src/core/inference-period.ts';
import { inferenceScores } from '../../../src/scoring/inference/inference-scores.ts';
import type { InferenceInput, PaidMemory } from '../../../src/scoring/inference/inference-scores.ts';
import type { InferenceFormula } from '../../../src/scoring/inference/task-earnings.ts';
import { CAPACITY_PARAMETERS } from '../../../src/scoring/inference/paid-capacity.ts';
import { PERIOD_MS, record, tally } from './tallies.ts';

const CHAT = { name: 'chat', weight_ppm: 1_000_000, timeout_ms: 12_000, open: false, period_ms: PERIOD_MS };
const MINERS = ['a', 'b'].map((hotkey, uid) => ({ uid, hotkey, registered: 1 }));
const full = (units: number) => tally(units, { right: units });
const light = (units: number) => tally(units, { right: units / 20 }, { full_load: false });

function score(
  records: PeriodRecord[],
  before: readonly PaidMemory[] = [],
  changes: Partial<InferenceInput> = {},
  inference_formula: InferenceFormula = 'seine',
) {
  const input = { pool: 'inference', tasks: [CHAT], records, periods: [], miners: MINERS, before, ...changes };
  return inferenceScores(input, { ...CAPACITY_PARAMETERS, inference_formula });
}

/** Periods 0 to 9 of one miner; a full load first. */
const TEN = Array.from({ length: 10 }, (_, period) => record(period, 'a', period === 0 ? full(320) : light(320)));
const paidOf = ({ memory }: ReturnType<typeof score>) => memory.map(({ paid_ppm }) => paid_ppm / 1e6);

describe('paid capacity over epochs', () => {
  it('grows by the period, however many an epoch holds', () => {
    expect([1, 2, 3, 4, 5, 6, 7].flatMap((count) => paidOf(score(TEN.slice(0, count))))).toEqual([
      ...[10, 20, 40, 80, 160, 320, 320],
    ]);
  });

  it.each([
    ['one by one', [1, 2, 3, 4, 5]],
    ['two and three', [2, 5]],
    ['all at once', [5]],
    ['with epochs that hold none', [1, 1, 3, 3, 3, 5, 5]],
  ])('is the same %s', (_, epochs) => {
    let last = score([]);
    for (const count of epochs) last = score(TEN.slice(0, count), last.memory);
    expect(last).toEqual(score(TEN.slice(0, 5)));
    expect(last.memory).toEqual([
      { task: 'chat', hotkey: 'a', registered: 1, period: 4, paid_ppm: 160e6, paid_before_ppm: 80e6 },
    ]);
  });

  it('needs only the window before what is new', () => {
    const long = Array.from({ length: 60 }, (_, period) =>
      record(period, 'a', period % 24 === 0 ? full(320) : light(320)),
    );
    const upTo = (end: number, from = 0) => long.filter(({ period }) => period < end && period >= from);
    const known = score(upTo(50));
    expect(score(upTo(52, 50 - 24), known.memory)).toEqual(score(upTo(52)));
  });

  it('earns nothing for a period in which nothing was stated', () => {
    const asked = Array.from({ length: 11 }, (_, period) => ({ period_ms: PERIOD_MS, period }));
    const gone = score(TEN, [], { periods: asked });
    expect(gone.scores).toMatchObject([{ uid: 0, earned: 0, weight_ppb: 0, reasons: { stated: 0, proven: 0 } }]);
    expect(paidOf(gone)).toEqual([0]);
    expect(score(TEN, [], { periods: asked.slice(0, 10) }).scores).toMatchObject([{ earned: 320e6 }]);
    // Periods of another length are none of this task.
    expect(score(TEN, [], { periods: [{ period_ms: 60_000, period: 11 }] }).scores).toMatchObject([{ earned: 320e6 }]);
  });

  it('is seen missing by what others stated too', () => {
    const others = record(10, 'b', light(100));
    expect(score([...TEN, others]).scores).toMatchObject([{ earned: 0 }, { earned: 0 }]);
  });

  it('starts anew for a key that was registered anew, and forgets one that is gone', () => {
    const memory = score(TEN).memory;
    const again = [{ uid: 3, hotkey: 'a', registered: 9 }];
    expect(score(TEN, memory, { miners: again })).toEqual({ scores: [], memory: [] });
    const anew = [...TEN, record(10, 'a', full(320), { registered: 9 })];
    expect(paidOf(score(anew, memory, { miners: again }))).toEqual([10]);
    expect(score(TEN, memory, { miners: [] })).toEqual({ scores: [], memory: [] });
  });

  it('starts anew where the task counts periods of another length', () => {
    const { memory } = score(TEN);
    const hours = { ...CHAT, period_ms: 2 * PERIOD_MS };
    const now = record(3, 'a', full(320), { ended_ms: 4 * hours.period_ms });
    expect(score(TEN, memory, { tasks: [hours] }).scores).toEqual([]);
    expect(paidOf(score([...TEN, now], memory, { tasks: [hours] }))).toEqual([10]);
  });
});

describe('scores at tasks', () => {
  it('divide the pool of each task among those who earned', () => {
    const tasks = [
      { ...CHAT, weight_ppm: 600_000 },
      { ...CHAT, name: 'image', weight_ppm: 400_000 },
    ];
    const records = [record(5, 'b', full(300)), record(5, 'a', full(100)), record(5, 'a', full(9), { task: 'image' })];
    const { scores } = score(records, [], { tasks });
    expect(scores.map(({ task, pool, uid, weight_ppb }) => [task, pool, uid, weight_ppb])).toEqual([
      ['chat', 'inference/chat', 0, 250_000_000],
      ['chat', 'inference/chat', 1, 750_000_000],
      ['image', 'inference/image', 0, 1_000_000_000],
    ]);
  });

  it('do not depend on the order of records', () => {
    const records = [...TEN, ...TEN.map((one) => ({ ...one, hotkey: 'b' }))];
    expect(score(records.toReversed())).toEqual(score(records));
  });

  it('follow the formula that is set, over the newest answers', () => {
    const answered = (quality_ppm: number) => ({
      answers: Array.from({ length: 30 }, () => ({ quality_ppm, speed_ppm: 1e6, elapsed_ms: 0 })),
    });
    const records = [record(4, 'a', full(1000), answered(0)), record(5, 'a', full(1000), answered(1e6))];
    const [page] = score(records, [], {}, 'niche_image_page').scores;
    // Of the newest fifty 30 are right.
    expect(page?.reasons).toEqual({ formula: 'niche_image_page', volume: 1000, reward_ppm: 600_000, scored: 50 });
    expect(page).toMatchObject({ earned: 1e9, weight_ppb: 1e9 });
  });
});
