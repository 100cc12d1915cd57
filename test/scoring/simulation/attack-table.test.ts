import { beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../../src/config/load.ts';
import { DEFAULT_SEED, FORMULAS } from '../../../src/cli/score-simulate.ts';
import { attackIncomes } from '../../../src/scoring/simulation/incomes.ts';
import type { AttackIncome } from '../../../src/scoring/simulation/incomes.ts';
import { shareText } from '../../../src/scoring/simulation/plot.ts';
import { tableUnder } from './docs-table.ts';
import { rules, scenario } from './scenarios.ts';

/* The table of docs/attacks.md is what the simulation gives: `seine score simulate datasets/scenarios/attacks.json`. */

function played(name: string): AttackIncome[] {
  return attackIncomes(scenario(name), rules, { seed: DEFAULT_SEED, formulas: FORMULAS });
}

function rowOf({ id, tries, closed_by, by_formula, others_keep_ppm }: AttackIncome): string[] {
  const shares = FORMULAS.map((formula) => shareText(by_formula[formula]?.share_ppm ?? NaN));
  return [id, tries, closed_by, ...shares, shareText(others_keep_ppm)];
}

describe('the attack table', () => {
  let incomes: AttackIncome[];
  beforeAll(() => {
    incomes = played('attacks');
  }, 240_000);

  it('says what the simulation gives', () => {
    expect(tableUnder('The table')).toEqual(incomes.map(rowOf));
  });

  it('is played with the default parameters, but for those that count rows', () => {
    const { values } = loadSettings({ env: {}, cwd: '/nowhere', overrides: {} });
    const given = scenario('attacks').parameters;
    const differing = Object.entries(given).filter(([name, value]) => {
      const setting = values[`parameters.${name}` as keyof typeof values];
      return JSON.stringify(setting) !== JSON.stringify(value);
    });
    const names = differing.map(([name]) => name).filter((name) => name !== 'pools');
    expect(names.sort()).toEqual(['allowance_rows', 'cap_floor_rows', 'regular_rows']);
  });

  it('has no attack that pays more than honest work, and nothing for copies and inventions alone', () => {
    // Half a hundredth is luck in what is sampled.
    for (const income of incomes) expect(income.by_formula.seine?.share_ppm, income.id).toBeLessThan(1_005_000);
    const nothing = [
      '1 shelter',
      '3 own site',
      '4 invent all',
      '9 copy',
      '9 copy, victim cut off',
      '10 disguised copy',
    ];
    for (const id of nothing)
      expect(incomes.find((income) => income.id === id)?.by_formula.seine?.share_ppm, id).toBe(0);
  });
}, 120_000);

describe('what is not closed', () => {
  it('is said with its figure', () => {
    expect(tableUnder('What is not closed')).toEqual(played('open-job').map(rowOf));
  });
}, 120_000);
