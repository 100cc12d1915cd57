import type { CheckedAnswer, PeriodTally } from '../../core/inference-period.ts';

/** A miner at one task. */
export interface TaskMiner {
  uid: number;
  /** Newest first; those that the miner was registered for, at most the window of the parameters. */
  periods: readonly PeriodTally[];
  /** Newest first. */
  answers: readonly CheckedAnswer[];
  /** Capacity paid in the period before the newest, in millionths of a unit; 0 of a newcomer. */
  paid_before_ppm: number;
}

/** What of a task the formulas need. */
export interface ScoredTask {
  timeout_ms: number;
  /** An open category leaves the model to the miner. */
  open: boolean;
}

/** What a miner earns at a task, and why. */
export interface TaskEarning<Reasons> {
  uid: number;
  /** Millionths of a unit; with a published formula parts per billion of the task. */
  earned: number;
  reasons: Reasons;
}
