/** What a period's requests of one kind came to, in units of volume: a dear request weighs what it costs. */
export interface AnswerSums {
  /** Answered, and checked to be right or wrong. */
  right: number;
  wrong: number;
  /** Answered; no check was made, or none that was conclusive. */
  unchecked: number;
  /** Refused by 429 though the validator was owed it. */
  limited: number;
  /** Refused by 429 beyond what it was owed. */
  beyond: number;
  /** No answer in time, or an error. */
  failed: number;
  /** Sum over checked answers of units x quality x speed, in millionths of a unit. */
  worth_ppm: number;
}

/** What a validator saw of a miner at one task in one period. */
export interface PeriodTally {
  /** Units that the miner stated for all validators, and this one's share of them. */
  stated: number;
  owed: number;
  /** A period in which all miners are asked for the whole of what they owe, at once. */
  full_load: boolean;
  synthetic: AnswerSums;
  organic: AnswerSums;
  /** Of both kinds, by number: what the published formulas count. */
  requests: { total: number; limited: number; failed: number };
}

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
