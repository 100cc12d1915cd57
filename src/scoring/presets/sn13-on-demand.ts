import { PPB, PPM } from '../../core/units.ts';
import { minusLnPpb, powerPpb } from '../fixed-power.ts';

/*
 * What SN13 pays an answer to a request for data. Source: its page on on-demand rewards.
 */

const FULL_SPEED_MS = 30_000;
const HALF_EVERY_MS = 45_000;
const LEAST_SPEED_PPM = 300_000;
const VOLUME_EXPONENT_MILLI = 1300;
const EXTRA_RATE_PPM = 150_000;
const MOST_EXTRA_PPM = 250_000;
/** 0.3 is reached after 78.2 s; later answers need no power. */
const SLOWEST_MS = 120_000;

/** Speed of an answer in parts per million: max(.3, min(1, .5^((t - 30)/45))), t in seconds. */
export function onDemandSpeedPpm(elapsedMs: number): number {
  if (elapsedMs <= FULL_SPEED_MS) return PPM;
  if (elapsedMs >= SLOWEST_MS) return LEAST_SPEED_PPM;
  const exponentMilli = Math.floor(((elapsedMs - FULL_SPEED_MS) * 1000) / HALF_EVERY_MS);
  return Math.max(LEAST_SPEED_PPM, toPpm(powerPpb(1n, 2n, exponentMilli)));
}

/** Volume of `rows` of `limit` asked for, in parts per million: (r/L)^1.3 up to L, then 1 + min(.25, .15 ln(1 + (r - L)/L)). */
export function onDemandVolumePpm(rows: number, limit: number): number {
  if (limit <= 0) throw new RangeError(`a request for ${limit} rows`);
  if (rows <= limit) return toPpm(powerPpb(BigInt(rows), BigInt(limit), VOLUME_EXPONENT_MILLI));
  const extra = (minusLnPpb(BigInt(limit), BigInt(rows)) * BigInt(EXTRA_RATE_PPM)) / BigInt(PPB);
  return PPM + Math.min(MOST_EXTRA_PPM, Number(extra));
}

/** Rounded to the nearest: powers come out a billionth low. */
function toPpm(ppb: bigint): number {
  return Number((ppb + 500n) / 1000n);
}
