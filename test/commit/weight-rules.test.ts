import { describe, expect, it } from 'vitest';
import { weightObstaclesOf } from '../../src/commit/weight-rules.ts';
import type { WeightState } from '../../src/commit/weight-rules.ts';

const state: WeightState = {
  block: 500,
  commitReveal: false,
  commitVersion: 4,
  unrevealed: 0,
  uid: 3,
  owner: false,
  stake: 10n,
  stakeThreshold: 5n,
  permit: true,
  lastUpdate: 300,
  rateLimitBlocks: 100,
  versionKey: 2,
  uids: 8,
  minAllowedWeights: 2,
  maxWeightsLimit: 65_535,
  nextEpochBlock: 520,
};
const request = { netuid: 1, uids: [0, 1], weights: [65_535, 1], versionKey: 2 };

describe('weightObstaclesOf', () => {
  it.each([false, true])('finds none when all is well, commit-reveal %s', (commitReveal) => {
    expect(weightObstaclesOf(request, { ...state, commitReveal })).toEqual([]);
  });

  it.each([
    ['commit_reveal', null, {}, { commitReveal: true, commitVersion: null }],
    ['commit_reveal', null, {}, { commitReveal: true, commitVersion: 5 }],
    ['unrevealed', 520, {}, { commitReveal: true, unrevealed: 10 }],
    ['registration', null, {}, { uid: null }],
    ['stake', null, {}, { stake: 4n }],
    ['permit', 520, {}, { permit: false }],
    ['rate_limit', 510, {}, { lastUpdate: 410 }],
    ['rate_limit', 510, {}, { lastUpdate: 410, commitReveal: true }],
    ['version_key', null, { versionKey: 1 }, {}],
    ['version_key', null, { versionKey: 0 }, {}],
    ['lengths', null, { weights: [1] }, {}],
    ['uids', null, { uids: [1, 1] }, {}],
    ['uids', null, { uids: [1, 8] }, {}],
    ['too_few', null, { uids: [0], weights: [1] }, {}],
    ['too_large', null, {}, { maxWeightsLimit: 32_768 }],
  ] as const)('finds %s, passing at %s', (rule, passesAtBlock, wrong, seen) => {
    const found = weightObstaclesOf({ ...request, ...wrong } as typeof request, { ...state, ...seen });
    expect(found).toEqual([expect.objectContaining({ rule, passesAtBlock })]);
  });

  it('lets the rate limit pass in the block that ends it', () => {
    expect(weightObstaclesOf(request, { ...state, lastUpdate: 401 })).toEqual([]);
    expect(weightObstaclesOf(request, { ...state, lastUpdate: 402 })).toHaveLength(1);
  });

  it('lets commits wait that plain weights need not mind', () => {
    expect(weightObstaclesOf(request, { ...state, unrevealed: 10, commitVersion: null })).toEqual([]);
  });

  it('allows a share that is the limit, and not one above it', () => {
    const halves = { ...request, weights: [65_535, 65_535] };
    expect(weightObstaclesOf(halves, { ...state, maxWeightsLimit: 32_768 })).toEqual([]);
    expect(weightObstaclesOf(halves, { ...state, maxWeightsLimit: 32_767 })).toMatchObject([{ rule: 'too_large' }]);
    const small = { ...request, weights: [3, 3] };
    expect(weightObstaclesOf(small, { ...state, maxWeightsLimit: 32_768 })).toEqual([]);
  });

  it('asks neither permit nor stake of the subnet owner, nor a permit or a share for weights on oneself', () => {
    const bare = { ...state, permit: false, stake: 0n, maxWeightsLimit: 100 };
    const even = { ...request, uids: [0, 1, 2, 3], weights: [9, 9, 9, 9] };
    expect(weightObstaclesOf(even, { ...bare, owner: true, maxWeightsLimit: 20_000 })).toEqual([]);
    expect(weightObstaclesOf({ ...request, uids: [3], weights: [1] }, { ...bare, stake: 9n })).toEqual([]);
  });

  it('names all obstacles at once', () => {
    const rules = weightObstaclesOf({ ...request, versionKey: 1 }, { ...state, permit: false, lastUpdate: 499 });
    expect(rules.map(({ rule }) => rule)).toEqual(['version_key', 'rate_limit', 'permit']);
  });
});
