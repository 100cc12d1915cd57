import { describe, expect, it } from 'vitest';
import { emissionWeights } from '../../../src/scoring/emission-pools.ts';
import { CAPACITY_PARAMETERS } from '../../../src/scoring/inference/paid-capacity.ts';
import { taskEarnings } from '../../../src/scoring/inference/task-earnings.ts';
import type { InferenceFormula } from '../../../src/scoring/inference/task-earnings.ts';
import { taskPoolName, taskPools, taskWeights } from '../../../src/scoring/inference/task-pools.ts';
import { tally } from './tallies.ts';

const INFERENCE = { name: 'inference', share_ppm: 200_000 };

describe('pools of tasks', () => {
  it('share what inference is given', () => {
    const tasks = [
      { name: 'chat', weight_ppm: 750_000 },
      { name: 'image', weight_ppm: 250_000 },
    ];
    expect(taskPools(INFERENCE, tasks)).toEqual([
      { name: 'inference/chat', share_ppm: 150_000 },
      { name: 'inference/image', share_ppm: 50_000 },
    ]);
    expect(() => taskPools(INFERENCE, tasks.slice(1))).toThrow('add up to 250000');
  });

  it('add up to it whatever the rounding', () => {
    const tasks = [333_333, 333_333, 333_334].map((weight_ppm, index) => ({ name: `t${index}`, weight_ppm }));
    const shares = taskPools({ name: 'inference', share_ppm: 100_001 }, tasks).map(({ share_ppm }) => share_ppm);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(100_001);
  });

  it('burn the share of a task that nobody serves', () => {
    const pools = [
      { name: 'data', share_ppm: 800_000 },
      ...taskPools(INFERENCE, [
        { name: 'chat', weight_ppm: 500_000 },
        { name: 'image', weight_ppm: 500_000 },
      ]),
    ];
    const earned = [
      { uid: 1, earned: 30 },
      { uid: 2, earned: 10 },
      { uid: 3, earned: 0 },
    ];
    const scores = [
      { pool: 'data', uid: 1, weight_ppb: 1_000_000_000 },
      ...taskWeights(taskPoolName('inference', 'chat'), earned),
      ...taskWeights(taskPoolName('inference', 'image'), [{ uid: 1, earned: 0 }]),
    ];
    expect(emissionWeights(pools, scores, 0)).toEqual([
      { uid: 0, weight_ppb: 100_000_000 },
      { uid: 1, weight_ppb: 875_000_000 },
      { uid: 2, weight_ppb: 25_000_000 },
    ]);
  });
});

describe('what miners earn at a task', () => {
  const miner = (uid: number, quality_ppm: number, right: number) => ({
    ...{ uid, paid_before_ppm: 1e12 },
    periods: [{ ...tally(1000, { right, wrong: 1000 - right }), requests: { total: 100, limited: 0, failed: 0 } }],
    answers: [{ quality_ppm, speed_ppm: 1e6, elapsed_ms: 6000 }],
  });
  const miners = [miner(1, 1e6, 1000), miner(2, 5e5, 960), miner(3, 0, 500)];
  const earned = (formula: InferenceFormula, open = false) =>
    taskEarnings(miners, { timeout_ms: 12_000, open }, formula, CAPACITY_PARAMETERS).map((one) => one.earned);

  it('follows the formula', () => {
    expect(earned('seine')).toEqual([1000e6, 960 * 960_000, 0]);
    expect(earned('vision_page')).toEqual([666_666_666, 333_333_333, 0]);
    expect(earned('vision_code')).toEqual([888_888_888, 111_111_111, 0]);
    // .95 and .45
    expect(earned('niche_image_page')).toEqual([678_571_428, 321_428_571, 0]);
    expect(earned('niche_image_older_page')).toEqual([666_666_666, 333_333_333, 0]);
  });

  it('is by rank too in an open category', () => {
    const [first = 0, second = 0] = earned('niche_image_page', true);
    expect(first / (first + second)).toBeCloseTo((0.8 + 0.0678571 + 0.1) / (1.6 + 0.1 + 0.1 + 0.0666667), 5);
  });

  it('says why', () => {
    const reasons = taskEarnings(miners, { timeout_ms: 12_000, open: false }, 'seine', CAPACITY_PARAMETERS);
    expect(reasons[1]?.reasons).toEqual({
      ...{ formula: 'seine', stated: 1000, owed: 1000, proven: 960 },
      ...{ paid_ppm: 960e6, worth_ppm: 960_000, periods: 1 },
    });
  });

  it('is nothing of a miner that was never asked', () => {
    const idle = { uid: 9, periods: [], answers: [], paid_before_ppm: 0 };
    const formulas: InferenceFormula[] = [
      'seine',
      'vision_page',
      'vision_code',
      'niche_image_page',
      'niche_image_code',
    ];
    for (const formula of formulas) {
      const [one] = taskEarnings([idle], { timeout_ms: 12_000, open: false }, formula, CAPACITY_PARAMETERS);
      expect(one?.earned).toBe(0);
    }
  });
});
