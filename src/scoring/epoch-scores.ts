import { PPB, PPM } from '../core/units.ts';
import { isCarriedOver } from './carry-over.ts';
import { checkedMiner } from './checked-miner.ts';
import type { CheckedMiner } from './checked-miner.ts';
import type { MinerCounts } from './counts.ts';
import { dataEarnings } from './data-earnings.ts';
import type { SeineReasons } from './data-earnings.ts';
import { powerPpb } from './fixed-power.ts';
import { mulDiv } from './mul-div.ts';
import type { ScoringParameters } from './parameters.ts';
import { D3_ALPHA_PPM, d3Earnings } from './presets/d3.ts';
import type { D3Reasons } from './presets/d3.ts';
import { sn13Earnings } from './presets/sn13.ts';
import type { Sn13Reasons } from './presets/sn13.ts';
import type { Earning, Supplier } from './supplier.ts';
import { nextRecord, registrationOf } from './track-record.ts';
import type { TrackRecord } from './track-record.ts';

/** A miner's score before this epoch, by pool, hotkey and registration. */
export interface PreviousScore {
  pool: string;
  hotkey: string;
  registered: number;
  score: number;
  /** Epochs in a row over which it was carried. */
  carried: number;
}

/** How an epoch's earnings became a weight in a pool. */
export interface WeightReasons {
  earned: number;
  previous_score: number;
  score_alpha_ppm: number;
  best_score: number;
  curve_exponent_milli: number;
  curve_ppb: number;
  curve_total_ppb: number;
}

/** Everything that a weight in a pool was computed from: recomputing gives the same weight. */
export type ScoreReasons = (SeineReasons | D3Reasons | Sn13Reasons) & WeightReasons;

export interface MinerScore extends PreviousScore {
  uid: number;
  /** Millionths of a row, smoothed over epochs; with D3's formula its points. */
  score: number;
  /** Parts per billion of the pool; all of an epoch's add up to at most one whole. */
  weight_ppb: number;
  why: ScoreReasons;
}

/** What an epoch is scored after. */
export interface ScoreMemory {
  scores: readonly PreviousScore[];
  records: readonly TrackRecord[];
}

/** What an epoch's scoring gives, and what the next one remembers. */
export interface EpochScores {
  /** One of each miner in each pool. */
  scores: MinerScore[];
  /** One of each miner. */
  records: TrackRecord[];
}

/** Nothing is remembered of anybody. */
export const NO_MEMORY: ScoreMemory = { scores: [], records: [] };

/**
 * Scores of an epoch in each pool: what a miner earns follows from the formula chosen; the score follows by an exponential moving average, or stays
 * where it is the validator's trouble that it would fall; the weight is the score's share of the best, raised to the curve's exponent
 * and normalised. Rewarding unique volume with a steep curve is D3's (SN6) plan; the moving average its code's. Integers throughout.
 */
export function scoreEpoch(
  miners: readonly MinerCounts[],
  previous: ScoreMemory,
  parameters: ScoringParameters,
): EpochScores {
  const before = new Map(previous.records.map((record) => [registrationOf(record), record]));
  const checked = miners.map((miner) => checkedMiner(miner, parameters.not_found_baseline_ppm));
  const records = checked.map((item) => nextRecord(item, before.get(registrationOf(item.miner)), parameters));
  const scores = parameters.pools.flatMap(({ name }) => {
    const suppliers = checked.map((item, index) => ({
      ...item,
      ...{ pool: name, before: before.get(registrationOf(item.miner)), record: records[index] as TrackRecord },
    }));
    const inPool = previous.scores.filter(({ pool }) => pool === name);
    return scorePool(name, suppliers, inPool, parameters);
  });
  return { scores, records };
}

function scorePool(
  pool: string,
  suppliers: readonly Supplier[],
  previous: readonly PreviousScore[],
  parameters: ScoringParameters,
): MinerScore[] {
  const before = new Map(previous.map((item) => [registrationOf(item), item]));
  const { alpha, exponent } = movementOf(parameters);
  const scored = earningsOf(suppliers, parameters).map(({ earned, reasons }, index) => {
    const supplier = suppliers[index] as Supplier;
    const last = before.get(registrationOf(supplier.miner)) ?? { score: 0, carried: 0 };
    const moved = mulDiv(earned, alpha, PPM) + mulDiv(last.score, PPM - alpha, PPM);
    const stays = moved < last.score && parameters.formula === 'seine' && isTrouble(supplier, last.carried);
    const [score, carried] = stays ? [last.score, last.carried + 1] : [moved, 0];
    return { supplier, earned, reasons, previousScore: last.score, score, carried };
  });
  const best = scored.reduce((max, item) => Math.max(max, item.score), 0);
  const curve = scored.map((item) => (best === 0 ? 0n : powerPpb(BigInt(item.score), BigInt(best), exponent)));
  const total = curve.reduce((sum, value) => sum + value, 0n);
  return scored.map(({ supplier, earned, reasons, previousScore, score, carried }, index) => ({
    pool,
    uid: supplier.miner.uid,
    hotkey: supplier.miner.hotkey,
    registered: supplier.miner.registered,
    score,
    carried,
    weight_ppb: total === 0n ? 0 : Number(((curve[index] ?? 0n) * BigInt(PPB)) / total),
    why: {
      ...reasons,
      earned,
      previous_score: previousScore,
      score_alpha_ppm: alpha,
      best_score: best,
      curve_exponent_milli: exponent,
      curve_ppb: Number(curve[index] ?? 0n),
      curve_total_ppb: Number(total),
    },
  }));
}

function earningsOf(
  suppliers: readonly Supplier[],
  parameters: ScoringParameters,
): Earning<SeineReasons | D3Reasons | Sn13Reasons>[] {
  if (parameters.formula === 'd3') return d3Earnings(suppliers);
  return parameters.formula === 'sn13' ? sn13Earnings(suppliers) : dataEarnings(suppliers, parameters);
}

/** The published formulas come with an average of their own, and without a curve. */
function movementOf(parameters: ScoringParameters): { alpha: number; exponent: number } {
  if (parameters.formula === 'd3') return { alpha: D3_ALPHA_PPM, exponent: 1000 };
  if (parameters.formula === 'sn13') return { alpha: PPM, exponent: 1000 };
  return { alpha: parameters.score_alpha_ppm, exponent: parameters.curve_exponent_milli };
}

function isTrouble({ spot, wrong, miner }: CheckedMiner, carried: number): boolean {
  return isCarriedOver(spot, wrong, miner.controls, carried);
}
