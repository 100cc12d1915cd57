import type { MinerCounts } from '../../src/scoring/counts.ts';
import { scoreEpoch } from '../../src/scoring/epoch-scores.ts';
import type { Evidence, EvidenceMiner } from '../../src/scoring/evidence.ts';
import { recompute } from '../../src/scoring/explain.ts';
import { CAPACITY_PARAMETERS } from '../../src/scoring/inference/paid-capacity.ts';
import type { ScoringParameters } from '../../src/scoring/parameters.ts';

export const ROW = 1_000_000;

/** Of one pool; credibility, regularity and caps leave everything whole unless a test says otherwise. */
export const PARAMETERS: ScoringParameters = {
  formula: 'seine',
  pools: [{ name: 'data', share_ppm: 1_000_000 }],
  score_alpha_ppm: 300_000,
  curve_exponent_milli: 1500,
  not_found_baseline_ppm: 100_000,
  sample_rows: 30,
  sample_payable_share_ppm: 800_000,
  allowance_rows: 50_000,
  allowance_bytes: 268_435_456,
  cap_site_ppm: 50_000,
  cap_author_ppm: 10_000,
  cap_floor_rows: 1000,
  credibility_start_ppm: 1_000_000,
  credibility_gain_ppm: 100_000,
  credibility_loss_ppm: 500_000,
  regular_epochs: 8,
  regular_rows: 10,
  regularity_share_ppm: 0,
  freshness_bonus_ppm: 100_000,
  freshness_hours: 24,
  fetch_deadline_blocks: 10,
  max_unanchored: 8,
  renewed_after_blocks: 216_000,
  mirror_blocks: 216_000,
  inference_formula: 'seine',
  ...CAPACITY_PARAMETERS,
};

/** An honest miner of so many payable rows in pool `data`, 30 of which were seen valid. */
export function miner(uid: number, rows: number, changes: Partial<MinerCounts> = {}): MinerCounts {
  return {
    ...{ uid, hotkey: `hotkey-${uid}`, registered: 1, newest_block: 10 },
    ...{ rows_verified: rows, rows_owned: rows, rows_payable: rows },
    ...{ payable_ppm: { data: rows * ROW }, payable_groups: {} },
    ...{ sampled_ppm: { data: Math.min(rows, 30) * ROW }, unproven_ppm: {} },
    spot: { valid: 30, invalid: 0, gone: 0, inconclusive: 0 },
    ...changes,
  };
}

/** Counts of a sample of 30 payable rows. */
export function checked(valid: number, invalid: number, gone: number): Partial<MinerCounts> {
  const spot = { valid, invalid, gone, inconclusive: 30 - valid - invalid - gone };
  return { spot, sampled_ppm: { data: 30 * ROW }, unproven_ppm: { data: (30 - valid) * ROW } };
}

/** A bundle of these miners, scored without anything before. */
export function evidenceOf(
  miners: readonly EvidenceMiner[],
  parameters: ScoringParameters = PARAMETERS,
  changes: Partial<Evidence> = {},
): Evidence {
  const bundle: Evidence = {
    ...{ version: 1, netuid: 1, validator: 'v', epoch: 3, start: 10, end: 20 },
    seed_block: { number: 31, hash: '0x00' },
    ...{ parameters, wanted: '', commits: [], miners: [...miners] },
    ...{ previous: null, previous_scores: [], previous_records: [] },
    ...{ scores: [], records: [], burn_uid: null, weights_ppb: [], weights: { uids: [], values: [] } },
    ...changes,
  };
  const { scores, records, weights } = recompute(bundle);
  return { ...bundle, scores, records, weights_ppb: weights };
}

/** An epoch after another, of the same miners. */
export function scoreEpochs(epochs: readonly (readonly MinerCounts[])[], parameters: ScoringParameters = PARAMETERS) {
  let last = scoreEpoch([], { scores: [], records: [] }, parameters);
  return epochs.map((miners) => (last = scoreEpoch(miners, last, parameters)));
}
