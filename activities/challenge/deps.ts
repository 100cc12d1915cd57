import type { Chain } from '../../src/commit/chain-port.ts';
import type { Signer } from '../../src/core/chain.ts';
import type { ObjectStore } from '../../src/datasets/storage.ts';
import type { ClosedPeriods } from '../../src/inference/challenge/closed-periods.ts';
import type { KeptAnswers } from '../../src/inference/challenge/kept-answers.ts';
import type { OutcomeLog } from '../../src/inference/challenge/outcome-log.ts';
import type { PeriodState } from '../../src/inference/challenge/period-state.ts';
import type { RequestUnits } from '../../src/inference/challenge/planned-queries.ts';
import type { MinerHttp } from '../../src/inference/client/miner-http.ts';
import type { TaskClient } from '../../src/inference/client/task-client.ts';
import type { PromptRecipe } from '../../src/inference/prompts/prompt-recipe.ts';
import type { MakeRequest } from '../../src/inference/prompts/request-maker.ts';
import type { Task } from '../../src/inference/tasks/task.ts';
import type { OwedTerms } from '../../src/scoring/inference/owed-shares.ts';
import type { CheckAnswer } from '../check-answer.ts';

export interface ChallengeDeps {
  chain: Chain;
  signer: Signer;
  netuid: number;
  store: ObjectStore;
  /** The enabled tasks as they stand now. */
  tasks: () => readonly Task[];
  http: MinerHttp;
  client: TaskClient;
  makeRequest: MakeRequest;
  unitsOf: RequestUnits;
  /** What requests are made with: archived, so that others can make them again. */
  recipe: PromptRecipe;
  checkAnswer: CheckAnswer;
  log: OutcomeLog;
  state: (periodMs: number) => PeriodState;
  closed: ClosedPeriods;
  kept: KeptAnswers;
  /** How a miner's volume is divided among validators; the same as miners have it. */
  owedTerms: OwedTerms;
  /** Periods of which one is of full load. */
  windowPeriods: number;
  /** What this validator sends, and what its checkers do, in a minute at most. */
  requestsPerMinute: number;
  checksPerMinute: number;
  /** 32 bytes that nobody foresees. */
  randomSecret: () => Uint8Array;
  /** Milliseconds since 1970. */
  now: () => number;
  heartbeat: (progress: unknown) => void;
  /** Of the step that asks for it. */
  cancelled: () => AbortSignal;
}

/** A period of one length. */
export interface PeriodInput {
  period_ms: number;
  /** Counted from 1970. */
  period: number;
}

/** What a number for each minute comes to in a slot; at least one. */
export function perSlot(perMinute: number, slotMs: number): number {
  return Math.max(1, Math.ceil((perMinute * slotMs) / 60_000));
}
