import { describe, expect, it } from 'vitest';
import { weightObstaclesOf } from '../../src/commit/weight-rules.ts';
import type { WeightState } from '../../src/commit/weight-rules.ts';

const state: WeightState = {
  block: 500,
  commitReveal: false,
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
  nextEpochBlock: 520,
};
const request = { netuid: 1, uids: [0, 1], weights: [65_535, 1], versionKey: 0 };

describe('weightObstaclesOf', () => {
  it('finds none when all is well', () => {
    expect(weightObstaclesOf(request, state)).toEqual([]);
  });

  it.each([
    ['commit_reveal', null, {}, { commitReveal: true }],
    ['registration', null, {}, { uid: null }],
    ['stake', null, {}, { stake: 4n }],
    ['permit', 520, {}, { permit: false }],
    ['rate_limit', 510, {}, { lastUpdate: 410 }],
    ['version_key', null, { versionKey: 1 }, {}],
    ['lengths', null, { weights: [1] }, {}],
    ['uids', null, { uids: [1, 1] }, {}],
    ['uids', null, { uids: [1, 8] }, {}],
    ['too_few', null, { uids: [0], weights: [1] }, {}],
  ] as const)('finds %s, passing at %s', (rule, passesAtBlock, wrong, seen) => {
    const found = weightObstaclesOf({ ...request, ...wrong } as typeof request, { ...state, ...seen });
    expect(found).toEqual([expect.objectContaining({ rule, passesAtBlock })]);
  });

  it('lets the rate limit pass in the block that ends it', () => {
    expect(weightObstaclesOf(request, { ...state, lastUpdate: 401 })).toEqual([]);
    expect(weightObstaclesOf(request, { ...state, lastUpdate: 402 })).toHaveLength(1);
  });

  it('asks neither permit nor stake of the subnet owner, nor a permit for weights on oneself', () => {
    const bare = { ...state, permit: false, stake: 0n };
    expect(weightObstaclesOf(request, { ...bare, owner: true })).toEqual([]);
    expect(weightObstaclesOf({ ...request, uids: [3], weights: [1] }, { ...bare, stake: 9n })).toEqual([]);
  });

  it('names all obstacles at once', () => {
    const rules = weightObstaclesOf({ ...request, versionKey: 1 }, { ...state, permit: false, lastUpdate: 499 });
    expect(rules.map(({ rule }) => rule)).toEqual(['version_key', 'rate_limit', 'permit']);
  });
});
