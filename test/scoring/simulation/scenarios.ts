import { join } from 'node:path';
import { readScenario } from '../../../src/cli/scenario-file.ts';
import { simulationRules } from '../../../src/cli/roots/simulate.ts';
import { attackIncomes } from '../../../src/scoring/simulation/incomes.ts';
import type { AttackIncome } from '../../../src/scoring/simulation/incomes.ts';
import type { Attack, Scenario } from '../../../src/scoring/simulation/scenario.ts';

export const rules = simulationRules(scenario('attacks').parameters);

export function scenario(name: string, changes: Partial<Scenario> = {}): Scenario {
  return { ...readScenario(join('datasets', 'scenarios', `${name}.json`)), ...changes };
}

/** What one attack earns in the world of the attack table, as a share of honest work in millionths. */
export function played(strategy: Attack['strategy'], changes: Partial<Scenario & Attack> = {}): AttackIncome {
  const attack: Attack = { id: 'it', tries: '', closed_by: '', strategy, keys: changes.keys ?? 1 };
  const [income] = attackIncomes(scenario('attacks', { ...changes, attacks: [attack] }), rules, {
    ...{ seed: 'test', formulas: ['seine'] },
  });
  return income as AttackIncome;
}

export function share(income: AttackIncome): number {
  return income.by_formula.seine?.share_ppm ?? NaN;
}
