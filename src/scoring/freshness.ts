import { PPM } from '../core/units.ts';
import { mulDiv } from './mul-div.ts';

/** How much more a fresh row weighs; only rows whose platform dates them can be fresh. */
export interface FreshnessParameters {
  /** What a row that was published as it was committed weighs more. */
  freshness_bonus_ppm: number;
  /** Age from which on a row weighs nothing more. */
  freshness_hours: number;
}

/** X's ids count milliseconds from here in their upper bits, since November 2010. */
const X_EPOCH_MS = 1_288_834_974_657n;
const FIRST_DATED_X_ID = 1n << 40n;
const X_CLOCK_SHIFT = 22n;
const US_PER_HOUR = 3_600_000_000;

/**
 * When a platform's own clock says that a row was made, in microseconds since 1970; null where no clock but the page's or the miner's says so
 * (DESIGN.md, rule 7). A web page has none.
 */
export function platformTimeUs(row: { source: string; id: string }): number | null {
  const native = /^x:(\d{1,19})$/.exec(row.id)?.[1];
  if (row.source !== 'x' || native === undefined || BigInt(native) < FIRST_DATED_X_ID) return null;
  return Number(((BigInt(native) >> X_CLOCK_SHIFT) + X_EPOCH_MS) * 1000n);
}

/**
 * What a row weighs by its age at the commitment's block, in parts per million: 1,000,000 without a platform's time, up to the bonus more with one,
 * falling evenly to nothing. A row dated after its block is not fresh but wrong, and gets nothing more.
 */
export function freshnessPpm(madeUs: number | null, committedUs: number, parameters: FreshnessParameters): number {
  const horizonUs = parameters.freshness_hours * US_PER_HOUR;
  if (madeUs === null || madeUs > committedUs || committedUs - madeUs >= horizonUs) return PPM;
  return PPM + mulDiv(parameters.freshness_bonus_ppm, horizonUs - (committedUs - madeUs), horizonUs);
}
