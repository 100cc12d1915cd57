import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emissionWeights } from '../../src/scoring/emission-pools.ts';
import { scoreEpoch } from '../../src/scoring/epoch-scores.ts';
import type { MinerCounts } from '../../src/scoring/epoch-scores.ts';

const ROW = 1_000_000;
const POOLS = [
  { name: 'data', share_ppm: 700_000 },
  { name: 'images', share_ppm: 300_000 },
];
const PARAMETERS = {
  pools: POOLS,
  score_alpha_ppm: 1_000_000,
  curve_exponent_milli: 1000,
  not_found_baseline_ppm: 100_000,
  sample_rows: 30,
  sample_payable_share_ppm: 800_000,
  fetch_deadline_blocks: 10,
  max_unanchored: 8,
  renewed_after_blocks: 216_000,
  mirror_blocks: 216_000,
};

function miner(uid: number, rows: Record<string, number>): MinerCounts {
  const payable_ppm = Object.fromEntries(Object.entries(rows).map(([pool, count]) => [pool, count * ROW]));
  return {
    ...{ uid, hotkey: `hotkey-${uid}`, registered: 1, rows_verified: 100, rows_owned: 100, payable_ppm },
    ...{ unproven_ppm: {}, spot: { valid: 30, invalid: 0, gone: 0, inconclusive: 0 } },
  };
}

const weights = (miners: readonly MinerCounts[], burn: number | null) =>
  emissionWeights(POOLS, scoreEpoch(miners, [], PARAMETERS), burn);

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
