import type { ScoredTask } from './task-miner.ts';
import type { TaskWeight } from './task-pools.ts';

/** What scoring needs of a task. */
export interface InferenceTask extends ScoredTask, TaskWeight {
  /** Length of the periods that its records count. */
  period_ms: number;
}

/** A validator's list of tasks as evidence holds it, whole: its digest is that of its canonical JSON. Only what scoring reads of a task is named here. */
export interface TaskListEvidence {
  version: number;
  tasks: readonly {
    name: string;
    enabled: boolean;
    /** Null: an open category. */
    model: string | null;
    weight_ppm: number;
    timeout_ms: number;
    /** What capacities count, such as `tokens`. */
    unit: string;
    period_ms: number;
  }[];
}

/** The tasks of a list that are asked for and paid. */
export function scoredTasks({ tasks }: TaskListEvidence): InferenceTask[] {
  return tasks
    .filter(({ enabled }) => enabled)
    .map(({ name, weight_ppm, timeout_ms, period_ms, model }) => ({
      ...{ name, weight_ppm, timeout_ms, period_ms },
      open: model === null,
    }));
}

/** Number of the period that ended at this time, by the task's length of periods. */
export function periodOf({ ended_ms }: { ended_ms: number }, { period_ms }: Pick<InferenceTask, 'period_ms'>): number {
  return Math.floor(ended_ms / period_ms) - 1;
}
