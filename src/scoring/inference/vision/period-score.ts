import { PPM } from '../../../core/units.ts';

/** How a miner's capacity for one task was used in one period. */
export interface PeriodUse {
  /** Capacity in units of volume, and what requests used of it. */
  declared: number;
  consumed: number;
  /** Requests, those answered 429, and those that failed otherwise. Any unit, the same for all three. */
  total: number;
  limited: number;
  failed: number;
}

/**
 * Score of a period in parts per million, rounded down: max(good (1 - p429 u) (1 - p500 u), 0), where u is the share of the capacity
 * that nobody used and good the share answered; null if nothing was asked. Source: Vision's (SN19's) scoring, public code. Its page lets a miner
 * rate-limit without a greater penalty; the code counts a 429 like a failure.
 */
export function periodScorePpm({ declared, consumed, total, limited, failed }: PeriodUse): number | null {
  if (total === 0) return null;
  const [asked, capacity] = [BigInt(total), BigInt(Math.max(declared, 1))];
  const unused = BigInt(Math.max(declared - consumed, 0));
  const good = asked - BigInt(limited) - BigInt(failed);
  if (good <= 0n) return 0;
  // Each factor is a fraction over asked x capacity, so that only the end is rounded.
  const whole = asked * capacity;
  const factors = (whole - BigInt(limited) * unused) * (whole - BigInt(failed) * unused);
  return Number((good * factors * BigInt(PPM)) / (asked * whole * whole));
}
