import type { MinerCounts } from './counts.ts';
import { emissionWeights } from './emission-pools.ts';
import type { UidWeight } from './emission-pools.ts';
import { scoreEpoch } from './epoch-scores.ts';
import type { EpochScores, ScoreMemory } from './epoch-scores.ts';
import { scoreInference } from './inference/inference-evidence.ts';
import type { InferenceGiven } from './inference/inference-evidence.ts';
import type { InferenceScores } from './inference/inference-scores.ts';
import { scoredTasks } from './inference/inference-task.ts';
import { poolsWithTasks } from './inference/task-pools.ts';
import type { ScoringParameters } from './parameters.ts';

/** What an epoch's numbers give: scores of data and of inference, what both remember, and the weights of all pools. */
export interface AllScores extends EpochScores {
  /** Null where no task is paid. */
  inference: InferenceScores | null;
  weights: UidWeight[];
}

/**
 * Scores an epoch. Where tasks are paid, each has a pool in place of that of inference, and no data is paid from it.
 * @param burnUid who gets the share of a pool in which nobody scored; null: nobody
 * @param inference null: no task is paid
 */
export function scoreAll(
  miners: readonly MinerCounts[],
  previous: ScoreMemory,
  parameters: ScoringParameters,
  burnUid: number | null,
  inference: InferenceGiven | null,
): AllScores {
  const tasks = inference === null ? [] : scoredTasks(inference.tasks);
  const pools = poolsWithTasks(parameters.pools, tasks);
  const dataPools = parameters.pools.filter((pool) => pools.includes(pool));
  const { scores, records } = scoreEpoch(miners, previous, { ...parameters, pools: dataPools });
  const scored = inference === null ? null : scoreInference(inference, parameters);
  const weights = emissionWeights(pools, [...scores, ...(scored?.scores ?? [])], burnUid);
  return { scores, records, inference: scored, weights };
}
