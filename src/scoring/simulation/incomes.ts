import type { Formula } from '../parameters.ts';
import type { Player } from './miners.ts';
import type { Rules } from './rules.ts';
import { run } from './run.ts';
import type { RunResult } from './run.ts';
import type { Attack, Scenario } from './scenario.ts';
import { strategyOf } from './strategies/by-name.ts';
import { honest } from './strategies/honest.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

/** What an attack earned by one formula, beside an honest miner of the same cost in the same world. */
export interface Income {
  /** Mean weight over epochs and runs, in parts per million of the emission. */
  income_ppm: number;
  honest_income_ppm: number;
  /** Income as a share of the honest miner's; 1,000,000 is as much. */
  share_ppm: number;
}

export interface AttackIncome {
  id: string;
  tries: string;
  closed_by: string;
  /** Both in the scenario's unit, over all epochs of one run. */
  cost: number;
  honest_cost: number;
  by_formula: Partial<Record<Formula, Income>>;
  /** What the worst hit of the other miners has left of its score, by the first formula. */
  others_keep_ppm: number;
  /** Weight in each epoch of the first run by the first formula, in parts per billion: the attacker's and the honest miner's. */
  by_epoch_ppb: number[];
  honest_by_epoch_ppb: number[];
}

const RIVAL = 'rival';

/**
 * Income of each attack of a scenario as a share of an honest miner's of the same cost: the same epochs are run again with an honest miner in the
 * attacker's place that fetches and commits as many rows as the attacker's cost pays for, epoch by epoch.
 */
export function attackIncomes(
  scenario: Scenario,
  rules: Rules,
  options: { seed: string; formulas: readonly Formula[]; onAttack?: (done: number) => void },
): AttackIncome[] {
  const worlds = Array.from({ length: scenario.runs }, (_, index) => {
    const seed = `${options.seed}.${index}`;
    return { seed, world: createWorld(seed), twins: new Map<string, RunResult>() };
  });
  return scenario.attacks.map((attack, index) => {
    const own = attack.validators === undefined ? scenario : { ...scenario, validators: attack.validators };
    const pairs = worlds.map(({ seed, world, twins }) => {
      const play = playIn({ scenario: own, rules, seed, world, formulas: options.formulas });
      const attacked = play(attackerOf(attack, own, seed));
      const rows = rowsFor(attacked.costs.at(-1) ?? [], own, attack.compared ?? 'each');
      const name = `${own.validators}:${rows.join()}`;
      const twin =
        twins.get(name) ?? play({ name: RIVAL, strategy: honest, keys: 1, rows: (epoch) => rows[epoch] ?? 0 });
      twins.set(name, twin);
      return { attacked, twin };
    });
    options.onAttack?.(index + 1);
    return incomeOf(attack, pairs, options.formulas, own.peers);
  });
}

function playIn(given: { scenario: Scenario; rules: Rules; seed: string; world: World; formulas: readonly Formula[] }) {
  const peers = Array.from({ length: given.scenario.peers }, (_, index): Player => ({
    ...{ name: `peer-${index}`, strategy: honest, keys: 1, rows: () => given.scenario.rows },
  }));
  return (player: Player): RunResult => run({ ...given, players: [...peers, player] });
}

function attackerOf(attack: Attack, scenario: Scenario, seed: string): Player {
  const strategy = strategyOf(attack.strategy, scenario, seed);
  return { name: RIVAL, strategy, keys: attack.keys ?? 1, rows: () => scenario.rows };
}

/** Rows in each epoch that an honest miner fetches and commits for these costs. */
function rowsFor(costs: readonly number[], scenario: Scenario, compared: 'each' | 'all'): number[] {
  const rowsOf = (cost: number): number => Math.round(cost / (scenario.costs.fetch + scenario.costs.commit));
  const own = costs.map((cost, epoch) => cost - (epoch === 0 ? scenario.costs.key : 0));
  if (compared === 'each') return own.map(rowsOf);
  const even = rowsOf(sum(own) / own.length);
  return own.map(() => even);
}

function incomeOf(
  attack: Attack,
  pairs: readonly { attacked: RunResult; twin: RunResult }[],
  formulas: readonly Formula[],
  peers: number,
): AttackIncome {
  const [first] = pairs;
  const ofRival = (result: RunResult | undefined, formula: Formula | undefined): number[] =>
    (formula === undefined ? undefined : result?.byFormula.get(formula)?.incomes.at(-1)) ?? [];
  const mean = (results: RunResult[], formula: Formula): number => {
    const weights = results.flatMap((result) => ofRival(result, formula));
    return Math.round(sum(weights) / weights.length / 1000);
  };
  const by_formula = Object.fromEntries(
    formulas.map((formula): [Formula, Income] => {
      const income = mean(
        pairs.map(({ attacked }) => attacked),
        formula,
      );
      const honestIncome = mean(
        pairs.map(({ twin }) => twin),
        formula,
      );
      const share = honestIncome === 0 ? 0 : Math.floor((income * 1_000_000) / honestIncome);
      return [formula, { income_ppm: income, honest_income_ppm: honestIncome, share_ppm: share }];
    }),
  );
  const kept = Array.from({ length: peers }, (_, uid) => {
    const scores = (side: 'attacked' | 'twin'): number =>
      sum(pairs.map((pair) => scoreSum(pair[side], formulas[0], uid)));
    return Math.floor((scores('attacked') * 1_000_000) / Math.max(scores('twin'), 1));
  });
  return {
    ...{ id: attack.id, tries: attack.tries, closed_by: attack.closed_by },
    cost: sum(first?.attacked.costs.at(-1) ?? []),
    honest_cost: sum(first?.twin.costs.at(-1) ?? []),
    by_formula,
    others_keep_ppm: Math.min(...kept),
    by_epoch_ppb: ofRival(first?.attacked, formulas[0]),
    honest_by_epoch_ppb: ofRival(first?.twin, formulas[0]),
  };
}

/** A miner's scores over all epochs, by the first validator. */
function scoreSum(result: RunResult, formula: Formula | undefined, uid: number): number {
  const epochs = (formula === undefined ? undefined : result.byFormula.get(formula)?.scores[0]) ?? [];
  return sum(epochs.map((scores) => scores?.find((score) => score.uid === uid)?.score ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
