import { PPM } from '../../../core/units.ts';
import { nearest } from '../rounding.ts';

/** A period's score and the volume it was asked for. */
export interface WeighedPeriod {
  score_ppm: number;
  volume: number;
}

/** Periods after which a miner is no newcomer. */
const KNOWN_AFTER = 8;

/**
 * Mean of periods, newest first, weighed by volume and halved with every period of age, in parts per million; null if nothing was asked.
 * Source: Vision's scoring, public code.
 */
export function combinedPeriodsPpm(periods: readonly WeighedPeriod[]): number | null {
  let [sum, weights] = [0n, 0n];
  periods.forEach(({ score_ppm, volume }, age) => {
    const weight = BigInt(volume) << BigInt(periods.length - 1 - age);
    sum += weight * BigInt(score_ppm);
    weights += weight;
  });
  return weights === 0n ? null : nearest(sum, weights);
}

/** What a newcomer's score is multiplied by: 1 - max(0, 1 - n/8) / 4, in parts per million. Source: Vision's scoring, public code. */
export function newcomerFactorPpm(periods: number): number {
  const missing = Math.max(0, KNOWN_AFTER - periods);
  return PPM - Math.floor((missing * PPM) / (4 * KNOWN_AFTER));
}
