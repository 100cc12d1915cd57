import type { CheckResult } from '../src/core/inference-period.ts';
import type { TaskChecker } from '../src/inference/checks/checker.ts';
import type { Task } from '../src/inference/tasks/task.ts';
import type { CheckAnswer, CheckInput } from './check-answer.ts';
import { checkEmbeddings } from './check-embeddings.ts';
import { checkImages, checkOpenImages } from './check-images.ts';
import { checkText } from './check-text.ts';
import { CheckerLacks, inconclusive } from './check-verdicts.ts';

export interface CheckAnswerDeps {
  /** The means of a task; null where the validator has none for it. */
  checkerOf: (task: Task) => Promise<TaskChecker | null>;
  /** Told what stood in the way of a check. @default nobody */
  onTrouble?: (task: Task, error: unknown) => void;
}

/**
 * Checks answers: what src/inference measures, src/scoring grades. Trouble on the validator's side is `inconclusive`: `no_checker` where its settings lack something,
 * else `checker_failed`. Rejects with the reason of the caller's own abort alone.
 */
export function createCheckAnswer({ checkerOf, onTrouble }: CheckAnswerDeps): CheckAnswer {
  return async (input, signal) => {
    try {
      const checker = await checkerOf(input.task);
      if (checker === null) return inconclusive('no_checker');
      const deadline = AbortSignal.timeout(checker.timeoutMs);
      return await check(input, checker, signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      onTrouble?.(input.task, error);
      return inconclusive(error instanceof CheckerLacks ? 'no_checker' : 'checker_failed');
    }
  };
}

function check(input: CheckInput, checker: TaskChecker, signal: AbortSignal): Promise<CheckResult> {
  const { check: how } = input.task;
  switch (how.method) {
    case 'text-probabilities':
    case 'text-top-tokens':
      return checkText(input, how, checker, signal);
    case 'image-match':
    case 'image-similarity':
      return checkImages(input, how, checker, signal);
    case 'open-image':
      return checkOpenImages(input, how, checker, signal);
    case 'embedding-cosine':
      return checkEmbeddings(input, how, checker, signal);
  }
}
