import { mulDiv } from '../../mul-div.ts';
import type { ScoredTask, TaskEarning, TaskMiner } from '../task-miner.ts';
import { normalisedPpb } from '../vision/task-scores.ts';
import { openCategoryScoresPpb } from './open-ranking.ts';
import { nicheImageRewardPpm } from './reward.ts';
import type { NicheImageFormula } from './reward.ts';

/** What NicheImage's formulas make of a miner in a category. */
export interface NicheImageReasons {
  formula: `niche_image_${NicheImageFormula}`;
  /** Requests stated for an interval. */
  volume: number;
  /** Mean of the rewards of scored requests. */
  reward_ppm: number;
  scored: number;
}

/** Mean rewards, normalised; those of an open category by rank too. */
export function nicheImageEarnings(
  miners: readonly TaskMiner[],
  task: ScoredTask,
  formula: NicheImageFormula,
): TaskEarning<NicheImageReasons>[] {
  const rewards = miners.map(({ periods, answers }) => {
    const volume = periods[0]?.stated ?? 0;
    const each = answers.map(({ quality_ppm, elapsed_ms }) =>
      nicheImageRewardPpm({ score_ppm: quality_ppm, elapsed_ms, timeout_ms: task.timeout_ms, volume }, formula),
    );
    const sum = each.reduce((all, reward) => all + reward, 0);
    return { volume, reward: each.length === 0 ? 0 : mulDiv(sum, 1, each.length) };
  });
  const raw = rewards.map(({ reward }) => reward);
  const shares = task.open ? openCategoryScoresPpb(raw) : normalisedPpb(raw.map(BigInt));
  return miners.map(({ uid, answers }, index) => {
    const { volume = 0, reward = 0 } = rewards[index] ?? {};
    return {
      uid,
      earned: shares[index] ?? 0,
      reasons: { formula: `niche_image_${formula}`, volume, reward_ppm: reward, scored: answers.length },
    };
  });
}
