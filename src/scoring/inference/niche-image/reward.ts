import { PPB, PPM } from '../../../core/units.ts';
import { integerSqrt, powerPpb } from '../../fixed-power.ts';
import { ppmOf } from '../rounding.ts';

/*
 * What NicheImage (SN23) pays a scored request: its quality less a penalty for time, times a factor of the volume that the miner stated. The factor is
 * concave in the volume, so that ten keys of a tenth each are paid 7.3 times what one is: kept as published.
 */

/** Which of NicheImage's formulas: its page, its code of 2025, or its older page. */
export type NicheImageFormula = 'page' | 'code' | 'older_page';

/** A request as its validator scored it. */
export interface ScoredRequest {
  /** Category score: 0 to 1,000,000. */
  score_ppm: number;
  elapsed_ms: number;
  timeout_ms: number;
  /** Requests that the miner stated for the interval. */
  volume: number;
}

/** The billions of a factor that a formula goes by. */
const ONE = BigInt(PPB);
const FULL_VOLUME = 1000;
const CODE_LEAST_VOLUME = 40;
const CODE_FULL_VOLUME = 256;
const CODE_TIME_EXPONENT_MILLI = 1500;
const OLDER_TIMEOUT_MS = 12_000;
/** The code rounds a reward to three places before the volume counts. */
const THOUSANDTH_PPB = 1_000_000n;

/** The reward in parts per million, to the nearest; below 0 it is 0. */
export function nicheImageRewardPpm(request: ScoredRequest, formula: NicheImageFormula): number {
  if (request.timeout_ms <= 0) throw new RangeError(`a time-out of ${request.timeout_ms} ms`);
  return ppmOf(rewards[formula](request));
}

const rewards: Readonly<Record<NicheImageFormula, (request: ScoredRequest) => bigint>> = {
  page: pageReward,
  code: codeReward,
  older_page: olderReward,
};

/** (score - .4 (t / timeout)³) (.6 + .4 clamp(√volume / √1000, 0, 1)). Source: NicheImage's page on incentives. */
function pageReward({ score_ppm, elapsed_ms, timeout_ms, volume }: ScoredRequest): bigint {
  const penalty = (4n * cubedPpb(elapsed_ms, timeout_ms)) / 10n;
  return withVolume(positive(fromPpm(score_ppm) - penalty), 6n, rootPpb(volume, FULL_VOLUME));
}

/**
 * round3(score - min(.4 (t / timeout)^1.5, .4)) (.6 + .4 √clamp(volume, 40, 256) / √256); no penalty where there is no score. Source: NicheImage's validator,
 * public code of 2025.
 */
function codeReward({ score_ppm, elapsed_ms, timeout_ms, volume }: ScoredRequest): bigint {
  const share = [BigInt(Math.min(elapsed_ms, timeout_ms)), BigInt(timeout_ms)] as const;
  const penalty = score_ppm > 0 ? (4n * powerPpb(...share, CODE_TIME_EXPONENT_MILLI)) / 10n : 0n;
  const left = positive(fromPpm(score_ppm) - penalty);
  const rounded = ((left + THOUSANDTH_PPB / 2n) / THOUSANDTH_PPB) * THOUSANDTH_PPB;
  return withVolume(rounded, 6n, rootPpb(Math.max(volume, CODE_LEAST_VOLUME), CODE_FULL_VOLUME));
}

/** (1 - t³ / 12³) (.8 + .2 √volume / √1000), times the score, which the page takes for 1. Source: the older page on incentives. */
function olderReward({ score_ppm, elapsed_ms, volume }: ScoredRequest): bigint {
  const left = positive(ONE - cubedPpb(elapsed_ms, OLDER_TIMEOUT_MS));
  return withVolume((left * BigInt(score_ppm)) / BigInt(PPM), 8n, rootPpb(volume, FULL_VOLUME));
}

/** value x (least + (10 - least) x scale) / 10. */
function withVolume(value: bigint, least: bigint, scale: bigint): bigint {
  return (value * (least * ONE + (10n - least) * scale)) / (10n * ONE);
}

/** √(volume / full) in parts per billion, at most one. */
function rootPpb(volume: number, full: number): bigint {
  return integerSqrt((BigInt(Math.min(volume, full)) * ONE * ONE) / BigInt(full));
}

function cubedPpb(elapsedMs: number, timeoutMs: number): bigint {
  return (BigInt(elapsedMs) ** 3n * ONE) / BigInt(timeoutMs) ** 3n;
}

function fromPpm(ppm: number): bigint {
  return BigInt(ppm) * (ONE / BigInt(PPM));
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
