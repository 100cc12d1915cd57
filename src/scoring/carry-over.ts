import { mulDiv } from './mul-div.ts';
import type { SpotCounts } from './validity.ts';

/**
 * Control fetches that were made beside a miner's checks (DESIGN.md, rule 3): of rows known to be good, of the same sources, in the same hour.
 * They tell a validator's trouble from a miner's.
 */
export interface ControlCounts {
  fetched: number;
  /** Of them not reached: refused, timed out, cut off. */
  failed: number;
  /** Of them reached, and yet not seen as the good rows they are: the validator's own reading is broken. */
  misread: number;
}

/** Epochs in a row over which a score is carried at most. */
export const MOST_CARRIED = 2;

/** What can be relied on of a miner's checks: nothing was found wrong where as many known-good rows were found wrong. */
export function reliableSpot(spot: SpotCounts, controls: ControlCounts | undefined): SpotCounts {
  if (controls === undefined || !atLeastHalf(controls.misread, controls.fetched)) return spot;
  return { ...spot, invalid: 0, gone: 0, inconclusive: spot.inconclusive + spot.invalid + spot.gone };
}

/**
 * How much of a sample's unproven part the validator's own trouble explains: the inconclusive part of it, up to the rate at which control fetches
 * failed. It is left out of what the sample says of the other rows.
 * @param sampled all that was drawn
 * @param unproven of it not seen valid
 * @param spot reliable counts
 */
export function excused(
  sampled: number,
  unproven: number,
  spot: SpotCounts,
  controls: ControlCounts | undefined,
): number {
  const notValid = spot.inconclusive + spot.invalid + spot.gone;
  if (controls === undefined || controls.fetched === 0 || notValid === 0) return 0;
  const inconclusive = mulDiv(unproven, spot.inconclusive, notValid);
  return Math.min(inconclusive, mulDiv(sampled, controls.failed + controls.misread, controls.fetched));
}

/**
 * Whether a score stays what it was instead of falling: at least half of the control fetches failed as well, some of the miner's checks were
 * inconclusive and none was found wrong, and it was not carried over too often in a row.
 * @param spot reliable counts
 * @param wrong checks that count as wrong
 * @param carried epochs in a row over which the score was carried already
 */
export function isCarriedOver(
  spot: SpotCounts,
  wrong: number,
  controls: ControlCounts | undefined,
  carried: number,
): boolean {
  if (controls === undefined || carried >= MOST_CARRIED) return false;
  return wrong === 0 && spot.inconclusive > 0 && atLeastHalf(controls.failed + controls.misread, controls.fetched);
}

function atLeastHalf(part: number, whole: number): boolean {
  return whole > 0 && part * 2 >= whole;
}
