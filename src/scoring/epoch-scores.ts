import { PPB, PPM } from '../core/units.ts';
import { powerPpb } from './fixed-power.ts';
import type { ScoringParameters } from './parameters.ts';
import { goneAboveBaseline, validityPpm } from './validity.ts';
import type { SpotCounts } from './validity.ts';

/** What was counted of one miner in one epoch. */
export interface MinerCounts {
  uid: number;
  hotkey: string;
  /** Block of the hotkey's registration: a score dies with it. */
  registered: number;
  rows_verified: number;
  rows_owned: number;
  /** Sum of the job weights of the rows that would pay, in millionths of a row, by the pool that pays them. */
  payable_ppm: Record<string, number>;
  /** Sum of the job weights of sampled payable rows that were not seen valid, by pool. */
  unproven_ppm: Record<string, number>;
  spot: SpotCounts;
}

/** A miner's score before this epoch, by pool, hotkey and registration. */
export interface PreviousScore {
  pool: string;
  hotkey: string;
  registered: number;
  score: number;
}

/** Everything that a weight in a pool was computed from: recomputing gives the same weight. */
export interface ScoreReasons {
  payable_ppm: number;
  unproven_ppm: number;
  valid: number;
  invalid: number;
  gone: number;
  gone_counts_as_invalid: boolean;
  validity_ppm: number;
  earned: number;
  previous_score: number;
  score_alpha_ppm: number;
  best_score: number;
  curve_exponent_milli: number;
  curve_ppb: number;
  curve_total_ppb: number;
}

export interface MinerScore {
  pool: string;
  uid: number;
  hotkey: string;
  registered: number;
  /** Millionths of a row, smoothed over epochs. */
  score: number;
  /** Parts per billion of the pool; all of an epoch's add up to at most one whole. */
  weight_ppb: number;
  why: ScoreReasons;
}

/**
 * Scores of an epoch in each pool: a miner earns its payable rows that were not seen unproven, times the share of conclusive checks that
 * were valid; the score follows by an exponential moving average; the weight is the score's share of the best, raised to the
 * curve's exponent and normalised. Rewarding unique volume with a steep curve is D3's (SN6) plan; the moving average its
 * code's. Integers throughout.
 */
export function scoreEpoch(
  miners: readonly MinerCounts[],
  previous: readonly PreviousScore[],
  parameters: ScoringParameters,
): MinerScore[] {
  return parameters.pools.flatMap(({ name }) =>
    scorePool(
      name,
      miners,
      previous.filter(({ pool }) => pool === name),
      parameters,
    ),
  );
}

function scorePool(
  pool: string,
  miners: readonly MinerCounts[],
  previous: readonly PreviousScore[],
  parameters: ScoringParameters,
): MinerScore[] {
  const before = new Map(previous.map((item) => [`${item.hotkey}@${item.registered}`, item.score]));
  const scored = miners.map((miner) => {
    const goneCounts = goneAboveBaseline(miner.spot, parameters.not_found_baseline_ppm);
    const validity = validityPpm(miner.spot, goneCounts);
    const [payable, unproven] = [miner.payable_ppm[pool] ?? 0, miner.unproven_ppm[pool] ?? 0];
    const earned = mulDiv(Math.max(payable - unproven, 0), validity, PPM);
    const previousScore = before.get(`${miner.hotkey}@${miner.registered}`) ?? 0;
    const alpha = parameters.score_alpha_ppm;
    const score = mulDiv(earned, alpha, PPM) + mulDiv(previousScore, PPM - alpha, PPM);
    return { miner, payable, unproven, goneCounts, validity, earned, previousScore, score };
  });
  const best = scored.reduce((max, item) => Math.max(max, item.score), 0);
  const curve = scored.map((item) =>
    best === 0 ? 0n : powerPpb(BigInt(item.score), BigInt(best), parameters.curve_exponent_milli),
  );
  const total = curve.reduce((sum, value) => sum + value, 0n);
  return scored.map((item, index) => ({
    pool,
    uid: item.miner.uid,
    hotkey: item.miner.hotkey,
    registered: item.miner.registered,
    score: item.score,
    weight_ppb: total === 0n ? 0 : Number(((curve[index] ?? 0n) * BigInt(PPB)) / total),
    why: {
      payable_ppm: item.payable,
      unproven_ppm: item.unproven,
      valid: item.miner.spot.valid,
      invalid: item.miner.spot.invalid,
      gone: item.miner.spot.gone,
      gone_counts_as_invalid: item.goneCounts,
      validity_ppm: item.validity,
      earned: item.earned,
      previous_score: item.previousScore,
      score_alpha_ppm: parameters.score_alpha_ppm,
      best_score: best,
      curve_exponent_milli: parameters.curve_exponent_milli,
      curve_ppb: Number(curve[index] ?? 0n),
      curve_total_ppb: Number(total),
    },
  }));
}

function mulDiv(a: number, b: number, c: number): number {
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}
