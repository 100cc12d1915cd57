import type { Task } from '../tasks/task.ts';

/** A task that this miner serves, and how much of it. */
export interface ServedTask {
  task: Task;
  /** What all validators together may have in a period, in the task's unit. */
  volume: number;
  /** Requests that its backend works on at once. */
  concurrency: number;
  /** Requests that may wait for it. */
  queue_places: number;
}

/** Which of a task's periods a time lies in; periods are counted from 1970, so that both sides mean the same one. */
export function periodOf({ period_ms }: Pick<Task, 'period_ms'>, nowMs: number): number {
  return Math.floor(nowMs / period_ms);
}
