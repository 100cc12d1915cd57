import { PPM } from '../../core/units.ts';
import { mulDiv } from '../mul-div.ts';
import { askedUnits } from './period-tally.ts';
import type { PeriodTally } from '../../core/inference-period.ts';

export interface CapacityParameters {
  /** Periods that are looked back on; each window of them has one of full load. */
  capacity_window_periods: number;
  /** Share that must be answered rightly for a volume to count. */
  capacity_right_share_ppm: number;
  /** What paid capacity may grow by in a period. */
  capacity_growth_ppm: number;
  /** Share of what it has shown that a miner is paid for first. Not a number of units: many small keys would begin higher. */
  capacity_first_share_ppm: number;
}

/** 24 periods, 95 %, twice a period; paid in full after five periods of growth. */
export const CAPACITY_PARAMETERS: CapacityParameters = {
  capacity_window_periods: 24,
  capacity_right_share_ppm: 950_000,
  capacity_growth_ppm: 2_000_000,
  capacity_first_share_ppm: 31_250,
};

/** Capacity that was shown, and what of it is paid. */
export interface PaidCapacity {
  /** Units. */
  proven: number;
  /** Millionths of a unit. */
  paid_ppm: number;
}

/**
 * Paid capacity: the largest volume that was answered rightly in a period of the last 24, growing at most twofold a period (DESIGN.md, rule 7). Only a period of full
 * load shows a capacity: any other asks more of whoever states more. A full load that less than 95 % of was answered rightly, and stating less, lower it.
 * @param periods newest first
 * @param paidBefore what was paid in the period before the newest, in millionths of a unit
 */
export function paidCapacity(
  periods: readonly PeriodTally[],
  paidBefore: number,
  parameters: CapacityParameters,
): PaidCapacity {
  const window = periods.slice(0, parameters.capacity_window_periods);
  const proven = window.reduceRight((before, period) => provenAfter(before, period, parameters), 0);
  const most =
    paidBefore > 0
      ? mulDiv(paidBefore, parameters.capacity_growth_ppm, PPM)
      : mulDiv(proven, parameters.capacity_first_share_ppm, 1);
  return { proven, paid_ppm: Math.min(proven * PPM, most) };
}

function provenAfter(before: number, period: PeriodTally, parameters: CapacityParameters): number {
  const kept = Math.min(before, period.owed);
  const asked = askedUnits(period.synthetic);
  const right = rightUnits(period);
  if (!period.full_load || period.owed === 0 || asked === 0 || right === null) return kept;
  if (mulDiv(right, PPM, asked) < parameters.capacity_right_share_ppm) return Math.min(kept, right);
  const shown = Math.min(right, period.owed);
  // Where the validator asked for less than it was owed, the rest is not disproved.
  const wasFull = mulDiv(asked + period.synthetic.beyond, PPM, period.owed) >= parameters.capacity_right_share_ppm;
  return wasFull ? shown : Math.max(kept, shown);
}

/** Units answered, less the share of them that checks found wrong; null where no check was conclusive. */
function rightUnits({ synthetic: { right, wrong, unchecked } }: PeriodTally): number | null {
  const answered = right + wrong + unchecked;
  if (answered === 0) return 0;
  return right + wrong === 0 ? null : mulDiv(answered, right, right + wrong);
}
