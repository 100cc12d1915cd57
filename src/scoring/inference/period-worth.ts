import { PPM } from '../../core/units.ts';
import { mulDiv } from '../mul-div.ts';
import { askedUnits, pooledSums } from './period-tally.ts';
import type { AnswerSums, PeriodTally } from '../../core/inference-period.ts';
import { periodScorePpm } from './vision/period-score.ts';

/**
 * What a unit of capacity was worth in a period, in parts per million: Vision's period score over units instead of requests, times the mean of quality x speed of
 * what was checked. A 429 beyond what was owed is not counted as asked. Organic requests may only lower it: it is the lesser of what synthetic ones
 * and both kinds together show, so that nobody gains by buying their own. Null if no synthetic request was answered conclusively or refused.
 */
export function periodWorthPpm({ owed, synthetic, organic }: PeriodTally): number | null {
  const credited = worthPpm(owed, synthetic);
  const all = worthPpm(owed, pooledSums(synthetic, organic));
  return credited === null || all === null ? null : Math.min(credited, all);
}

function worthPpm(owed: number, sums: AnswerSums): number | null {
  const asked = askedUnits(sums);
  const { limited, failed } = sums;
  const score = periodScorePpm({ declared: owed, consumed: asked, total: asked, limited, failed });
  if (score === null || score === 0) return score;
  const checked = sums.right + sums.wrong;
  return checked === 0 ? null : mulDiv(score, sums.worth_ppm, checked * PPM);
}
