import type { AnswerSums, PeriodRecord, PeriodTally } from '../../../src/core/inference-period.ts';

export const NOTHING: AnswerSums = {
  ...{ right: 0, wrong: 0, unchecked: 0, limited: 0, beyond: 0, failed: 0 },
  worth_ppm: 0,
};

/** Periods of tests are an hour long. */
export const PERIOD_MS = 3_600_000;

/** Sums whose right answers are of full quality and usual speed. */
export function sums(of: Partial<AnswerSums>): AnswerSums {
  return { ...NOTHING, worth_ppm: (of.right ?? 0) * 1e6, ...of };
}

/** A period of full load, unless it says otherwise, in which one validator is owed all that is stated. */
export function tally(
  owed: number,
  synthetic: Partial<AnswerSums>,
  of: { organic?: Partial<AnswerSums>; full_load?: boolean } = {},
): PeriodTally {
  return {
    ...{ stated: owed, owed, full_load: of.full_load ?? true },
    ...{ synthetic: sums(synthetic), organic: sums(of.organic ?? {}) },
    requests: { total: 0, limited: 0, failed: 0 },
  };
}

/** A record of `task` in a period, of a key that was registered in block 1. */
export function record(
  period: number,
  hotkey: string,
  tallied: PeriodTally,
  changes: Partial<PeriodRecord> = {},
): PeriodRecord {
  return {
    ...{ task: 'chat', period, ended_ms: (period + 1) * PERIOD_MS, hotkey, registered: 1, tally: tallied },
    ...{ answers: [], reasons: {}, outcomes: '0'.repeat(64) },
    ...changes,
  };
}
