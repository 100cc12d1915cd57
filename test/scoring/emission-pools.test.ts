import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emissionWeights } from '../../src/scoring/emission-pools.ts';
import type { MinerCounts } from '../../src/scoring/counts.ts';
import { NO_MEMORY, scoreEpoch } from '../../src/scoring/epoch-scores.ts';
import { miner as honest, PARAMETERS as DEFAULTS, ROW } from './fixtures.ts';

const POOLS = [
  { name: 'data', share_ppm: 700_000 },
  { name: 'images', share_ppm: 300_000 },
];
const PARAMETERS = { ...DEFAULTS, pools: POOLS, score_alpha_ppm: 1_000_000, curve_exponent_milli: 1000 };

function miner(uid: number, rows: Record<string, number>): MinerCounts {
  const payable_ppm = Object.fromEntries(Object.entries(rows).map(([pool, count]) => [pool, count * ROW]));
  return { ...honest(uid, 30), payable_ppm, sampled_ppm: {} };
}

const weights = (miners: readonly MinerCounts[], burn: number | null) =>
  emissionWeights(POOLS, scoreEpoch(miners, NO_MEMORY, PARAMETERS).scores, burn);

describe('emissionWeights', () => {
  it('adds up share times normalised score over the pools', () => {
    expect(weights([miner(0, { data: 30 }), miner(1, { data: 30, images: 5 })], 9)).toEqual([
      { uid: 0, weight_ppb: 350_000_000 },
      { uid: 1, weight_ppb: 350_000_000 + 300_000_000 },
    ]);
  });

  it('burns the share of a pool in which nobody scored', () => {
    expect(weights([miner(0, { data: 30 }), miner(1, { images: 0 })], 9)).toEqual([
      { uid: 0, weight_ppb: 700_000_000 },
      { uid: 9, weight_ppb: 300_000_000 },
    ]);
    expect(weights([], 9)).toEqual([{ uid: 9, weight_ppb: 1_000_000_000 }]);
  });

  it('gives it to nobody where the owner has no uid', () => {
    expect(weights([miner(0, { data: 30 })], null)).toEqual([{ uid: 0, weight_ppb: 700_000_000 }]);
    expect(weights([], null)).toEqual([]);
  });

  it('pays rows of a pool that settings no longer have nothing, and never more than the whole', () => {
    expect(weights([miner(0, { old: 30 })], null)).toEqual([]);
    const rows = fc.record({ data: fc.nat(1e6), images: fc.nat(1e6) });
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 8 }), (all) => {
        const given = weights(
          all.map((counts, uid) => miner(uid, counts)),
          99,
        );
        const sum = given.reduce((total, { weight_ppb }) => total + weight_ppb, 0);
        expect(sum).toBeLessThanOrEqual(1e9);
        expect(sum).toBeGreaterThan(1e9 - 100);
      }),
    );
  });
});
