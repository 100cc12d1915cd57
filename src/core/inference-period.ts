import type { BlockRef } from './chain.ts';

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

/** A synthetic answer that was checked. */
export interface CheckedAnswer {
  quality_ppm: number;
  /** What its speed multiplies quality by: 1,000,000 for the usual one. */
  speed_ppm: number;
  elapsed_ms: number;
}

/** A miner at one task in one period that is over, as evidence holds it. */
export interface PeriodRecord {
  task: string;
  /** Number of the period, counted from 1970 in the task's `period_ms`. */
  period: number;
  /** Milliseconds since 1970. */
  ended_ms: number;
  hotkey: string;
  registered: number;
  tally: PeriodTally;
  /** Synthetic answers that were checked conclusively, newest first, at most 50. */
  answers: CheckedAnswer[];
  /** Requests by what came of them, one word each: `right`, `unlikely_tokens`, `limited`, `timed_out`, … */
  reasons: Record<string, number>;
  /** SHA-256 of all outcomes, request by request, in the validator's store. */
  outcomes: string;
}

/** What shows that nobody could foresee or choose a period's prompts (DESIGN.md, rule 5). Published once the period is over. */
export interface PeriodProof {
  period_ms: number;
  period: number;
  /** The first block of the period, whose hash is in the seeds. */
  seed_block: BlockRef;
  /** 64 hex characters, with the digest that was anchored before `seed_block`. */
  secret: string;
  digest: string;
  /** Block that anchored it; null where the chain had no room for it in time, or the hotkey's commitment is of data. */
  anchored_block: number | null;
  full_load: boolean;
  /** SHA-256 of the plan in the validator's store: who was asked for how much of what. */
  plan: string;
}

/** What came of a check: a checker's own trouble is inconclusive, and costs and pays nothing. */
export interface CheckResult {
  verdict: 'right' | 'wrong' | 'inconclusive';
  /** 0 to 1,000,000; with `wrong` 0. */
  quality_ppm: number;
  /** One word, stable: `same`, `unlikely_tokens`, `cut_short`, `other_image`, `checker_failed`, … */
  reason: string;
}
