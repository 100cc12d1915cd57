import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobVote, WantedList } from '../../src/core/wanted.ts';
import { standingVotes, weighJobs } from '../../src/scoring/job-weights.ts';

const OWNER = 300_000;
const list = (weights: Record<string, number>, pools: Record<string, string> = {}): WantedList => ({
  version: 1,
  jobs: Object.entries(weights).map(([id, weight_ppm]) => ({
    ...{ id, source: 'web' as const, seeds: [], hosts: [`${id}.example`], allow_private: [], max_pages: 1 },
    ...{ pool: pools[id] ?? 'data', weight_ppm },
  })),
});
const vote = (validator: string, weights: Record<string, number>, at = 1): JobVote => ({
  ...{ version: 1, netuid: 1, validator, at, weights },
});
const weightsOf = ({ jobs }: WantedList): Record<string, number> =>
  Object.fromEntries(jobs.map(({ id, weight_ppm }) => [id, weight_ppm]));
const sumOf = (weights: Record<string, number>): number => Object.values(weights).reduce((sum, item) => sum + item, 0);

describe('weighJobs', () => {
  const even = list({ a: 1_000_000, b: 1_000_000 });

  it("leaves the owner's list as it is where nobody votes, or nobody with stake", () => {
    expect(weighJobs(even, [], new Map([['v', 1n]]), OWNER)).toEqual(even);
    expect(weighJobs(even, [vote('v', { a: 5 })], new Map([['v', 0n]]), OWNER)).toEqual(even);
    expect(weighJobs(even, [vote('stranger', { a: 5 })], new Map([['v', 1n]]), OWNER)).toEqual(even);
  });

  it("keeps the owner's share and fills the rest by stake", () => {
    const votes = [vote('v', { a: 1, b: 0 }), vote('w', { a: 0, b: 7 })];
    const stakes = new Map([
      ['v', 3n],
      ['w', 1n],
    ]);
    // Of 2,000,000: 30 % evenly, 70 % three to one.
    expect(weightsOf(weighJobs(even, votes, stakes, OWNER))).toEqual({ a: 1_350_000, b: 650_000 });
    expect(weightsOf(weighJobs(even, votes, stakes, 1_000_000))).toEqual(weightsOf(even));
  });

  it('counts a vote by its division, keeps what it does not name, and knows no other jobs', () => {
    const stakes = new Map([['v', 1n]]);
    const weighed = (weights: Record<string, number>) => weightsOf(weighJobs(even, [vote('v', weights)], stakes, 0));
    expect(weighed({ a: 3_000_000 })).toEqual({ a: 1_500_000, b: 500_000 });
    expect(weighed({ a: 6, b: 2 })).toEqual({ a: 1_500_000, b: 500_000 });
    expect(weighed({ farm: 1_000_000_000 })).toEqual(weightsOf(even));
    expect(weighed({ a: 0, b: 0 })).toEqual(weightsOf(even));
  });

  it('moves no weight from one pool to another', () => {
    const pools = list({ a: 4, b: 6, c: 5 }, { c: 'images' });
    const weighed = weighJobs(pools, [vote('v', { a: 10, b: 0, c: 0 })], new Map([['v', 1n]]), 0);
    expect(weightsOf(weighed)).toEqual({ a: 10, b: 0, c: 5 });
  });

  const ids = ['a', 'b', 'c', 'd'];
  const weight = fc.oneof(fc.nat(5), fc.nat(1_000_000_000));
  const weights = fc.dictionary(fc.constantFrom(...ids), weight);
  const someVote = fc
    .record({ validator: fc.constantFrom('u', 'v', 'w'), weights, at: fc.nat(2) })
    .map((item) => vote(item.validator, item.weights, item.at));
  const someList = fc.tuple(weight, weight, weight, weight).map(([a, b, c, d]) => list({ a, b, c, d }, { d: 'other' }));
  const stake = fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 10n ** 16n }));
  const someStakes = fc.record({ u: stake, v: stake, w: stake }).map((all) => new Map(Object.entries(all)));
  const share = fc.integer({ min: 0, max: 1_000_000 });

  it('conserves the sum of every pool, and the order of votes decides nothing', () => {
    fc.assert(
      fc.property(someList, fc.array(someVote, { maxLength: 6 }), someStakes, share, (jobs, votes, stakes, owner) => {
        const weighed = weighJobs(jobs, votes, stakes, owner);
        const sums = (of: WantedList) => {
          const { d, ...data } = weightsOf(of);
          return [d, sumOf(data)];
        };
        expect(sums(weighed)).toEqual(sums(jobs));
        for (const { weight_ppm } of weighed.jobs) expect(weight_ppm).toBeGreaterThanOrEqual(0);
        expect(weighJobs(jobs, votes.toReversed(), stakes, owner)).toEqual(weighed);
      }),
    );
  });

  it('hears no vote without stake, and stays within what the voters and the owner say', () => {
    fc.assert(
      fc.property(someList, fc.array(someVote, { maxLength: 6 }), someStakes, share, (jobs, votes, stakes, owner) => {
        const heard = votes.filter(({ validator }) => stakes.get(validator) !== 0n);
        const weighed = weighJobs(jobs, heard, stakes, owner);
        expect(weighJobs(jobs, votes, stakes, owner)).toEqual(weighed);
        const own = weightsOf(jobs);
        for (const { id, weight_ppm } of weighed.jobs) {
          const least = ((own[id] ?? 0) * owner) / 1_000_000;
          expect(weight_ppm).toBeGreaterThanOrEqual(Math.floor(least * (1 - 1e-12)) - 1);
        }
      }),
    );
  });
});

describe('standingVotes', () => {
  it('takes the newest of each validator, and none of two that differ', () => {
    const [old, young] = [vote('v', { a: 1 }, 1), vote('v', { a: 2 }, 2)];
    expect(standingVotes([old, young])).toEqual([young]);
    expect(standingVotes([young, old, vote('v', { a: 2 }, 2)])).toEqual([young]);
    expect(standingVotes([old, young, vote('v', { a: 3 }, 2), vote('w', {})])).toEqual([vote('w', {})]);
  });
});
