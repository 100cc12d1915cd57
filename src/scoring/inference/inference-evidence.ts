import type { PeriodProof, PeriodRecord } from '../../core/inference-period.ts';
import { inferenceScores } from './inference-scores.ts';
import type {
  InferenceMiner,
  InferenceParameters,
  InferenceScore,
  InferenceScores,
  PaidMemory,
} from './inference-scores.ts';
import { scoredTasks } from './inference-task.ts';
import type { TaskListEvidence } from './inference-task.ts';
import { INFERENCE_POOL } from './task-pools.ts';

/** Everything that the scores at tasks of one epoch were computed from: the part of an evidence bundle that is about inference. */
export interface InferenceEvidence {
  /** The list of tasks, and the SHA-256 of its canonical JSON. */
  tasks: TaskListEvidence;
  tasks_digest: string;
  /** Time of the epoch's seed block, milliseconds since 1970: periods that ended later belong to a later epoch. */
  until_ms: number;
  records: PeriodRecord[];
  proofs: PeriodProof[];
  /** Who held the keys that records are of, when the epoch was scored. */
  miners: InferenceMiner[];
  /** What was paid before this epoch's periods, and after them. */
  before: PaidMemory[];
  after: PaidMemory[];
  scores: InferenceScore[];
}

/** What of it was given, before anything is scored. */
export type InferenceGiven = Omit<InferenceEvidence, 'scores' | 'after'>;

/** Computes the scores at tasks, and what is remembered, from what was given. */
export function scoreInference(given: InferenceGiven, parameters: InferenceParameters): InferenceScores {
  const { tasks, records, proofs, miners, before } = given;
  const input = { pool: INFERENCE_POOL, tasks: scoredTasks(tasks), records, periods: proofs, miners, before };
  return inferenceScores(input, parameters);
}

/** The miners that have a record, of those that are registered now. */
export function recordedMiners(
  records: readonly PeriodRecord[],
  registered: readonly InferenceMiner[],
): InferenceMiner[] {
  const recorded = new Set(records.map((record) => `${record.hotkey} ${record.registered}`));
  return registered
    .filter((miner) => recorded.has(`${miner.hotkey} ${miner.registered}`))
    .map(({ uid, hotkey, registered: block }) => ({ uid, hotkey, registered: block }))
    .sort((a, b) => a.uid - b.uid);
}
