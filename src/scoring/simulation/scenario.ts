import type { ScoringParameters } from '../parameters.ts';

/** What a scenario's attacker does: the name of a strategy and its numbers. */
export interface StrategyChoice {
  name: string;
  [option: string]: string | number;
}

/** One attack of a scenario. */
export interface Attack {
  id: string;
  /** What it tries, for people. */
  tries: string;
  /** The rule that closes it, for people. */
  closed_by: string;
  strategy: StrategyChoice;
  /** Keys of the attacker. @default 1 */
  keys?: number;
  /** Validators, where the scenario's are not enough. */
  validators?: number;
  /** The honest miner spends the same in each epoch, or the same in all, evenly. @default 'each' */
  compared?: 'each' | 'all';
}

/** Everything a simulation runs on; a file of `datasets/scenarios`. */
export interface Scenario {
  version: 1;
  title: string;
  epochs: number;
  /** Runs with seeds of their own, over which incomes are summed. */
  runs: number;
  /** Honest miners beside the attacker. */
  peers: number;
  validators: number;
  /** Rows that an honest miner commits in an epoch. */
  rows: number;
  /** What work costs, in any one unit: fetching a row, committing it, registering a key. */
  costs: { fetch: number; commit: number; key: number };
  parameters: ScoringParameters;
  attacks: Attack[];
}
