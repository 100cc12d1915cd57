import type { CheckResult } from '../../core/inference-period.ts';
import type { CheckedOutcome } from './query-outcome.ts';

/** Reasons of inconclusive checks in which the answer has no part. */
const NOT_THE_ANSWERS: ReadonlySet<string> = new Set(['no_checker', 'no_seed', 'answer_lost']);

const UNCHECKABLE: CheckResult = { verdict: 'wrong', quality_ppm: 0, reason: 'uncheckable' };

/** Checks that were made of these answers, and those of them that failed for what may have been the answer's doing. */
export function checkCounts(outcomes: readonly CheckedOutcome[]): { made: number; failed: number } {
  const made = outcomes.flatMap(({ check }) => (check === null || NOT_THE_ANSWERS.has(check.reason) ? [] : [check]));
  return { made: made.length, failed: made.filter(isInconclusive).length };
}

/** The same outcomes, with failed checks counted against the miner. */
export function withFailedChecksWrong(outcomes: readonly CheckedOutcome[]): CheckedOutcome[] {
  return outcomes.map((outcome) => {
    const { check } = outcome;
    const isFailed = check !== null && isInconclusive(check) && !NOT_THE_ANSWERS.has(check.reason);
    return isFailed ? { ...outcome, check: UNCHECKABLE } : outcome;
  });
}

function isInconclusive({ verdict }: CheckResult): boolean {
  return verdict === 'inconclusive';
}
