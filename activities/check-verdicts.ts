import type { CheckResult } from '../src/core/inference-period.ts';
import { SeineError } from '../src/core/errors.ts';
import type { Grade } from '../src/scoring/inference/checks/grade.ts';

/** The validator lacks what a check needs: a setting, not a failure of the moment. */
export class CheckerLacks extends SeineError {
  constructor(task: string, what: string) {
    super('CheckerLacks', `answers to ${task} can't be checked without ${what}: write it into the file of checkers`, {
      details: { task, what },
      exitCode: 2,
    });
  }
}

/** One of a checker's means. Throws CheckerLacks where it is missing. */
export function needed<Means>(means: Means | null, task: string, what: string): Means {
  if (means === null) throw new CheckerLacks(task, what);
  return means;
}

export function wrong(reason: string): CheckResult {
  return { verdict: 'wrong', quality_ppm: 0, reason };
}

export function inconclusive(reason: string): CheckResult {
  return { verdict: 'inconclusive', quality_ppm: 0, reason };
}

/** What a grade comes to: nothing to compare is inconclusive, and a score of 0 wrong. */
export function verdictOf({ score_ppm, reason }: Grade<string>): CheckResult {
  if (score_ppm === null) return inconclusive(reason);
  return score_ppm === 0 ? wrong(reason) : { verdict: 'right', quality_ppm: score_ppm, reason };
}

/** The worst of several: a wrong one before what is inconclusive, then the lowest quality. */
export function worstOf(results: readonly CheckResult[]): CheckResult {
  const [worst] = results.toSorted((a, b) => ORDER[a.verdict] - ORDER[b.verdict] || a.quality_ppm - b.quality_ppm);
  return worst ?? inconclusive('nothing_compared');
}

const ORDER: Readonly<Record<CheckResult['verdict'], number>> = { wrong: 0, inconclusive: 1, right: 2 };
