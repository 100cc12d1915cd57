import { PPM } from '../../core/units.ts';
import { mulDiv } from '../mul-div.ts';
import { paidCapacity } from './paid-capacity.ts';
import type { CapacityParameters } from './paid-capacity.ts';
import { askedUnits } from './period-tally.ts';
import { periodWorthPpm } from './period-worth.ts';
import type { ScoredTask, TaskEarning, TaskMiner } from './task-miner.ts';
import { combinedPeriodsPpm } from './vision/combined-periods.ts';
import { nicheImageEarnings } from './niche-image/earnings.ts';
import type { NicheImageReasons } from './niche-image/earnings.ts';
import { visionEarnings } from './vision/earnings.ts';
import type { VisionReasons } from './vision/earnings.ts';

/** How inference is scored: by Seine's own rules, or as Vision (SN19) or NicheImage (SN23) published theirs. */
export type InferenceFormula =
  'seine' | 'vision_page' | 'vision_code' | 'niche_image_page' | 'niche_image_code' | 'niche_image_older_page';

/** What Seine's own formula makes of a miner at a task, step by step. */
export interface SeineTaskReasons {
  formula: 'seine';
  stated: number;
  owed: number;
  /** Units of the last full load that counted. */
  proven: number;
  /** Of them, in millionths of a unit. */
  paid_ppm: number;
  /** What a unit was worth: the periods' score x quality x speed. */
  worth_ppm: number;
  periods: number;
}

export type TaskReasons = SeineTaskReasons | VisionReasons | NicheImageReasons;

/** What each miner earns at a task in the newest period. */
export function taskEarnings(
  miners: readonly TaskMiner[],
  task: ScoredTask,
  formula: InferenceFormula,
  parameters: CapacityParameters,
): TaskEarning<TaskReasons>[] {
  switch (formula) {
    case 'seine':
      return miners.map((miner) => seineEarning(miner, parameters));
    case 'vision_page':
      return visionEarnings(miners, 'page');
    case 'vision_code':
      return visionEarnings(miners, 'code');
    case 'niche_image_page':
      return nicheImageEarnings(miners, task, 'page');
    case 'niche_image_code':
      return nicheImageEarnings(miners, task, 'code');
    case 'niche_image_older_page':
      return nicheImageEarnings(miners, task, 'older_page');
  }
}

/**
 * Paid capacity x what a unit of it was worth, which is a mean of periods weighed by volume and halved with age, so that it is linear in volume: many keys earn what
 * one does. Nothing is below 0.
 */
function seineEarning(
  { uid, periods, paid_before_ppm }: TaskMiner,
  parameters: CapacityParameters,
): TaskEarning<SeineTaskReasons> {
  const window = periods.slice(0, parameters.capacity_window_periods);
  const { proven, paid_ppm } = paidCapacity(window, paid_before_ppm, parameters);
  // A period that shows nothing keeps its age.
  const weighed = window.map((period) => {
    const score = periodWorthPpm(period);
    return { score_ppm: score ?? 0, volume: score === null ? 0 : askedUnits(period.synthetic) };
  });
  const worth = combinedPeriodsPpm(weighed) ?? 0;
  const { stated = 0, owed = 0 } = window[0] ?? {};
  return {
    uid,
    earned: mulDiv(paid_ppm, worth, PPM),
    reasons: { formula: 'seine', stated, owed, proven, paid_ppm, worth_ppm: worth, periods: window.length },
  };
}
