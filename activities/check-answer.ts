import type { CheckResult } from '../src/core/inference-period.ts';
import type { Task } from '../src/inference/tasks/task.ts';
import type { TaskAnswer, TaskRequest } from '../src/inference/wire/request.ts';

/** An answer to be checked, with the seed that its checked positions are drawn from. */
export interface CheckInput {
  task: Task;
  request: TaskRequest;
  answer: TaskAnswer;
  seed: string;
}

/** Checks one answer by the validator's own means. Whatever goes wrong on the validator's side is `inconclusive`; never throws for what a miner sent. */
export type CheckAnswer = (input: CheckInput, signal?: AbortSignal) => Promise<CheckResult>;
