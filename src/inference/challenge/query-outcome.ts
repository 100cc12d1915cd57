import type { CheckResult } from '../../core/inference-period.ts';

/** What became of one request, as it is logged and archived; whole numbers only. */
export interface QueryOutcome {
  /** Of this miner and task in the period, from 0. */
  index: number;
  kind: 'synthetic' | 'organic';
  slot: number;
  /** Milliseconds since 1970 at which it was sent. */
  at_ms: number;
  /** The most that its answer could count: what it took of the miner's stated capacity. */
  units: number;
  /** Whether all that was asked for in the period up to and with it was owed. */
  owed: boolean;
  /** `skipped`: never sent, by the validator's own trouble; counts for nobody. */
  outcome: 'answered' | 'limited' | 'failed' | 'skipped';
  /** One stable word: `answered`, `limited`, `timed_out`, `empty`, … */
  reason: string;
  elapsed_ms: number;
  /** Until the first byte; 0 where none came. */
  first_ms: number;
  /** Attempt that gave a prompt which was not asked before. */
  attempt: number;
  /** SHA-256 of the request's body as it was sent; null where none was. */
  request: string | null;
  /** SHA-256 of the PromptRecipe that it was made with, in the validator's store. */
  recipe: string | null;
  /** What quality is multiplied by; 0 where nothing was answered. */
  speed_ppm: number;
  /** SHA-256 of request and answer, where they are kept to be checked. */
  answer: string | null;
}

/** An outcome with what came of its check. */
export interface CheckedOutcome extends QueryOutcome {
  /** Null where none was made. */
  check: CheckResult | null;
}
