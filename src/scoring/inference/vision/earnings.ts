import { PPM } from '../../../core/units.ts';
import { mulDiv } from '../../mul-div.ts';
import { askedUnits, pooledSums } from '../period-tally.ts';
import type { PeriodTally } from '../../../core/inference-period.ts';
import type { TaskEarning, TaskMiner } from '../task-miner.ts';
import { combinedPeriodsPpm, newcomerFactorPpm } from './combined-periods.ts';
import { periodScorePpm } from './period-score.ts';
import { cubedScoresPpb, meanQualityPpm, meanWorthPpm, normalisedPpb } from './task-scores.ts';

/** Which of Vision's formulas: its page or its code. */
export type VisionFormula = 'page' | 'code';

/** What Vision's formulas make of a miner at a task. */
export interface VisionReasons {
  formula: `vision_${VisionFormula}`;
  /** Units that the validator was owed. */
  capacity: number;
  /** Of the periods together; of the code with the newcomer's factor. */
  period_ppm: number;
  /** Mean quality; of the code x speed. */
  quality_ppm: number;
}

/**
 * Scores of a task, in parts per billion of their sum. `code`: mean (quality x speed) x combined period score x newcomer's factor x capacity, cubed. `page`: combined
 * period score x mean quality. The code pays what is declared, and its cube; the page pays each key alike, whatever its capacity: kept as published.
 */
export function visionEarnings(miners: readonly TaskMiner[], formula: VisionFormula): TaskEarning<VisionReasons>[] {
  const reasons = miners.map((miner) => reasonsOf(miner, formula));
  const scores = reasons.map(({ capacity, period_ppm, quality_ppm }) => {
    const score = BigInt(period_ppm) * BigInt(quality_ppm);
    return formula === 'code' ? score * BigInt(capacity) : score;
  });
  const shares = formula === 'code' ? cubedScoresPpb(scores) : normalisedPpb(scores);
  return miners.map(({ uid }, index) => ({
    uid,
    earned: shares[index] ?? 0,
    reasons: reasons[index] as VisionReasons,
  }));
}

function reasonsOf({ periods, answers }: TaskMiner, formula: VisionFormula): VisionReasons {
  const scored = periods.map(scoredPeriod);
  const tested = scored.filter(({ volume }) => volume > 0);
  const combined = combinedPeriodsPpm(tested) ?? 0;
  const isCode = formula === 'code';
  return {
    formula: `vision_${formula}`,
    capacity: periods[0]?.owed ?? 0,
    period_ppm: isCode ? mulDiv(combined, newcomerFactorPpm(tested.length), PPM) : combined,
    quality_ppm: isCode ? meanWorthPpm(answers) : meanQualityPpm(answers),
  };
}

function scoredPeriod({ owed, synthetic, organic, requests }: PeriodTally): { score_ppm: number; volume: number } {
  const consumed = askedUnits(pooledSums(synthetic, organic));
  const score = periodScorePpm({ declared: owed, consumed, ...requests });
  return { score_ppm: score ?? 0, volume: score === null ? 0 : consumed };
}
