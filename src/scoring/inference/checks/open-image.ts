import { PPM } from '../../../core/units.ts';
import { mulDiv } from '../../mul-div.ts';

/** How the two parts of an open image's score are weighed, and where the aesthetic one begins and ends. */
export interface OpenImageLimits {
  adherence_share_ppm: number;
  /** Thousandths of a point. */
  aesthetic_zero_milli: number;
  aesthetic_one_milli: number;
}

/**
 * NicheImage's score of an image in an open category, in parts per million: .5 x prompt adherence, which is the share of yes/no questions answered
 * rightly, + .5 x clamp((aesthetic - 3.5) / 3.5). Source: its validator, public code.
 */
export function openImageScorePpm(adherencePpm: number, aestheticMilli: number, limits: OpenImageLimits): number {
  const range = limits.aesthetic_one_milli - limits.aesthetic_zero_milli;
  const above = Math.min(Math.max(aestheticMilli - limits.aesthetic_zero_milli, 0), range);
  const aesthetic = mulDiv(above, PPM, range);
  return (
    mulDiv(adherencePpm, limits.adherence_share_ppm, PPM) + mulDiv(aesthetic, PPM - limits.adherence_share_ppm, PPM)
  );
}
