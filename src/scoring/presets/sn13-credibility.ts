import { PPB, PPM } from '../../core/units.ts';
import { powerPpb } from '../fixed-power.ts';
import { mulDiv } from '../mul-div.ts';

const CREDIBILITY_ALPHA_PPM = 150_000;
/** 1/2.5. */
const SIZE_EXPONENT_MILLI = 400;

/**
 * SN13's credibility after an epoch: an average that moves by .15, after it was scaled by (old/new)^(1/2.5) where the claimed size grew, which leaves size x
 * credibility^2.5 what it was.
 * @param validityPpm null where nothing was conclusive: then only the size counts
 * @param claimed sizes, in the same unit
 */
export function sn13Credibility(
  before: number,
  validityPpm: number | null,
  claimed: { before: number; now: number },
): number {
  const grew = claimed.before > 0 && claimed.now > claimed.before;
  const scaled = grew
    ? mulDiv(before, Number(powerPpb(BigInt(claimed.before), BigInt(claimed.now), SIZE_EXPONENT_MILLI)), PPB)
    : before;
  if (validityPpm === null) return scaled;
  const [old, step] = [PPM - CREDIBILITY_ALPHA_PPM, CREDIBILITY_ALPHA_PPM];
  return Math.floor((scaled * old + validityPpm * step) / PPM);
}
