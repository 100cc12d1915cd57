import { PPM } from '../../../core/units.ts';
import { expMinusPpb, powerPpb } from '../../fixed-power.ts';
import { ppmOf } from '../rounding.ts';

/** What a task takes for a usual speed. */
export interface SpeedParameters {
  /** Time that every answer takes, whatever its volume. */
  overhead_ms: number;
  /** Usual time of a unit of volume. */
  mean_us: number;
  /** How fast slowness costs: thousandths per second that a unit takes. */
  variance_milli: number;
}

const MOST_BONUS = 600n;
const BONUS_EXPONENT_MILLI = 250;

/**
 * What an answer's quality is multiplied by, in parts per million: of x seconds a unit, 1 + .6 ((mean - x) / mean)^.25 up to the mean, exp((mean - x)
 * variance) beyond. Source: Vision's scoring, public code.
 * @param units volume of the answer; 0 counts as 1
 */
export function speedFactorPpm(elapsedUs: number, units: number, speed: SpeedParameters): number {
  const volume = BigInt(Math.max(units, 1));
  // Times of the whole answer: x times its volume.
  const taken = BigInt(Math.max(elapsedUs - speed.overhead_ms * 1000, 0));
  const usual = BigInt(speed.mean_us) * volume;
  if (taken <= usual) {
    const saved = usual === 0n ? 0n : powerPpb(usual - taken, usual, BONUS_EXPONENT_MILLI);
    return PPM + ppmOf((saved * MOST_BONUS) / 1000n);
  }
  // Microseconds times thousandths per second: billionths.
  return ppmOf(expMinusPpb((taken - usual) * BigInt(speed.variance_milli), volume * 1_000_000_000n));
}
