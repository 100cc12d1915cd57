import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Formula } from '../scoring/parameters.ts';
import type { AttackIncome } from '../scoring/simulation/incomes.ts';
import { readScenario } from './scenario-file.ts';
import type { Session } from './session.ts';

export const FORMULAS: readonly Formula[] = ['seine', 'd3', 'sn13'];

/** The seed of the attack table in docs/attacks.md. */
export const DEFAULT_SEED = 'seine';

export interface SimulateOptions {
  seed: string;
  epochs?: number;
  formula?: Formula;
  plot?: string;
}

/** Plays a scenario's attacks against the scoring and prints what each earns; a share above 1 is said to pay. */
export async function simulate({ context, out }: Session, path: string, options: SimulateOptions): Promise<void> {
  const read = readScenario(resolve(context.cwd, path));
  const scenario = { ...read, epochs: options.epochs ?? read.epochs };
  const formulas = [scenario.parameters.formula, ...(options.formula === undefined ? [] : [options.formula])];
  const [{ attackIncomes }, { simulationRules }, { plotIncomes, shareText }] = await Promise.all([
    import('../scoring/simulation/incomes.ts'),
    import('./roots/simulate.ts'),
    import('../scoring/simulation/plot.ts'),
  ]);
  const shown = [...new Set(formulas)];
  const incomes = attackIncomes(scenario, simulationRules(scenario.parameters), {
    seed: options.seed,
    formulas: shown,
    onAttack: (done) => out.progress({ step: 'playing attacks', done, total: scenario.attacks.length }),
  });
  const shareOf = (income: AttackIncome, formula: Formula): string =>
    shareText(income.by_formula[formula]?.share_ppm ?? 0);
  const [main = 'seine'] = shown;
  out.table({
    title: `${scenario.title}: income as a share of an honest miner's of the same cost, ${scenario.epochs} epochs, seed ${options.seed}`,
    columns: ['attack', 'cost', ...shown, 'others keep', 'closed by'],
    rows: incomes.map((income) => [
      income.id,
      income.cost,
      ...shown.map(
        (formula) => ({ text: shareOf(income, formula), tone: pays(income, formula) ? 'bad' : 'plain' }) as const,
      ),
      shareText(income.others_keep_ppm),
      income.closed_by,
    ]),
  });
  const paying = incomes.filter((income) => pays(income, main));
  for (const income of paying)
    out.line(`${income.id} pays ${shareOf(income, main)} of honest work: not closed.`, 'bad');
  if (paying.length === 0) out.line('No attack pays more than honest work of the same cost.', 'good');
  if (options.plot !== undefined) {
    const file = resolve(context.cwd, options.plot);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, plotIncomes(scenario.title, incomes, main));
    out.line(`Plot: ${options.plot}`);
  }
  out.json({ seed: options.seed, epochs: scenario.epochs, formulas: shown, attacks: incomes });
}

/** Above 1 by more than luck in sampling explains. */
function pays(income: AttackIncome, formula: Formula): boolean {
  return (income.by_formula[formula]?.share_ppm ?? 0) > 1_010_000;
}
