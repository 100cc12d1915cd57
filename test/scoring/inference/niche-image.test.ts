import { describe, expect, it } from 'vitest';
import { openCategoryScoresPpb } from '../../../src/scoring/inference/niche-image/open-ranking.ts';
import { splitRequests } from '../../../src/scoring/inference/niche-image/request-split.ts';
import { nicheImageRewardPpm } from '../../../src/scoring/inference/niche-image/reward.ts';
import type { NicheImageFormula } from '../../../src/scoring/inference/niche-image/reward.ts';
import { stakeShares } from '../../../src/scoring/inference/stake-shares.ts';

/* Worked values of scoring.md, exact to the millionth unless a test says otherwise. Columns: score, seconds, time-out, volume. */
const request = (score: number, seconds: number, timeout: number, volume: number) => ({
  ...{ score_ppm: score * 1e6, elapsed_ms: seconds * 1000, timeout_ms: timeout * 1000, volume },
});
const reward = (formula: NicheImageFormula, ...of: [number, number, number, number]) =>
  nicheImageRewardPpm(request(...of), formula);

describe('the reward of a request', () => {
  it.each([
    ['page', 1, 6, 12, 1000, 950_000],
    ['page', 1, 6, 12, 256, 762_266],
    ['page', 1, 12, 12, 40, 408_000],
    ['code', 1, 6, 12, 1000, 859_000],
    ['code', 1, 6, 12, 256, 859_000],
    ['code', 1, 12, 12, 40, 454_868],
    ['older_page', 1, 6, 12, 1000, 875_000],
    ['older_page', 1, 3, 12, 100, 849_757],
  ] as const)('%s: (%d, %d, %d, %d) gives %d', (formula, score, seconds, timeout, volume, ppm) => {
    expect(reward(formula, score, seconds, timeout, volume)).toBe(ppm);
  });

  it('is never below 0', () => {
    expect(reward('page', 0, 6, 12, 1000)).toBe(0);
    expect(reward('page', 0.1, 24, 12, 1000)).toBe(0);
    expect(reward('code', 0.3, 12, 12, 1000)).toBe(0);
    expect(reward('older_page', 1, 13, 12, 1000)).toBe(0);
  });

  it('counts a volume within its bounds only', () => {
    expect(reward('page', 1, 0, 12, 9000)).toBe(1_000_000);
    expect(reward('page', 1, 0, 12, 0)).toBe(600_000);
    expect(reward('code', 1, 0, 12, 9000)).toBe(1_000_000);
    expect(reward('code', 1, 12, 12, 1)).toBe(454_868);
  });

  it('needs a time-out', () => {
    expect(() => reward('page', 1, 1, 0, 1)).toThrow(RangeError);
  });
});

describe('what a validator may use of a volume', () => {
  const rao = (tokens: number[]) => tokens.map((stake) => BigInt(stake) * 1_000_000_000n);

  it('is linear in stake', () => {
    expect(stakeShares(100, rao([10_000, 90_000]), 'linear')).toEqual([10, 90]);
    expect(stakeShares(100, rao([1, 1, 1]), 'linear')).toEqual([33, 33, 33]);
  });

  it('goes by the 1.03rd power of the larger stakes in the code', () => {
    expect(stakeShares(100, rao([1_000_000, 500_000, 10_000, 5000]), 'power')).toEqual([66, 32, 2, 0]);
  });

  it('is nothing where nobody has stake', () => {
    expect(stakeShares(100, [0n], 'linear')).toEqual([0]);
    expect(stakeShares(100, rao([9999]), 'power')).toEqual([0]);
    expect(stakeShares(100, [], 'power')).toEqual([]);
  });
});

it.each([
  [0, 0, 0],
  [1, 1, 0],
  [2, 1, 1],
  [3, 2, 1],
  [10, 7, 3],
  [40, 31, 9],
])('of %d requests %d are synthetic and %d organic', (requests, synthetic, organic) => {
  expect(splitRequests(requests)).toEqual({ synthetic, organic });
});

describe('scores of an open category', () => {
  const rounded = (raw: number[]) => openCategoryScoresPpb(raw).map((ppb) => Math.round(ppb / 1000));

  it('blend the score and its rank', () => {
    expect(rounded([5, 9, 7, 1, 0])).toEqual([244_589, 268_831, 256_710, 229_870, 0]);
  });

  it('share the places of those who are level', () => {
    // Second and third have half of a whole rank each: norms 1/2, 1/4, 1/4.
    const [first, second, third] = openCategoryScoresPpb([4, 2, 2]) as [number, number, number];
    expect(second).toBe(third);
    const [w1, w2] = [0.8 + 0.05 + 0.1, 0.8 + 0.025 + 0.05];
    expect(first / 1e9).toBeCloseTo(w1 / (w1 + 2 * w2), 8);
    expect(second / 1e9).toBeCloseTo(w2 / (w1 + 2 * w2), 8);
  });

  it('are 0 where nobody has any', () => {
    expect(openCategoryScoresPpb([0, 0])).toEqual([0, 0]);
    expect(openCategoryScoresPpb([])).toEqual([]);
  });
});
