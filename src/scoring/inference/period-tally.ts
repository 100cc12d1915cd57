import type { AnswerSums } from '../../core/inference-period.ts';

/** Units asked for that the validator was owed. */
export function askedUnits({ right, wrong, unchecked, limited, failed }: AnswerSums): number {
  return right + wrong + unchecked + limited + failed;
}

/** Both kinds together. */
export function pooledSums(a: AnswerSums, b: AnswerSums): AnswerSums {
  return {
    right: a.right + b.right,
    wrong: a.wrong + b.wrong,
    unchecked: a.unchecked + b.unchecked,
    limited: a.limited + b.limited,
    beyond: a.beyond + b.beyond,
    failed: a.failed + b.failed,
    worth_ppm: a.worth_ppm + b.worth_ppm,
  };
}

/**
 * Whether a request that is refused by 429 was owed: what was asked for before it in the period, and itself, are within the validator's share.
 */
export function wasOwed(owed: number, askedBefore: number, units: number): boolean {
  return askedBefore + units <= owed;
}
