import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCli } from '../../cli/run.ts';
import { scenario } from './scenarios.ts';

const cli = useCli();

function write(changes: object): string {
  const file = join(cli.folder(), 'scenario.json');
  const given = scenario('attacks', { epochs: 2, rows: 20 });
  writeFileSync(
    file,
    JSON.stringify({ ...given, attacks: given.attacks.filter(({ id }) => id === '9 copy'), ...changes }),
  );
  return file;
}

describe('seine score simulate', () => {
  it('prints incomes, writes a plot, and says when an attack pays', async () => {
    const plot = join(cli.folder(), 'plots', 'incomes.svg');
    const copy = await cli.run(['score', 'simulate', write({}), '--formula', 'd3', '--plot', plot]);
    expect(copy.exitCode).toBe(0);
    expect(copy.stdout).toMatch(/9 copy.*0\.00 +0\.00/);
    expect(copy.stdout).toContain('No attack pays more than honest work');
    expect(readFileSync(plot, 'utf8')).toMatch(/^<svg [^]*9 copy[^]*<\/svg>\n$/);
    const farm = await cli.run(['score', 'simulate', write({ attacks: scenario('open-job').attacks })]);
    expect(farm.stdout).toMatch(/own site under an open job pays \d+\.\d\d of honest work: not closed/);
  });

  it('gives JSON, and other luck for another seed or number of epochs', async () => {
    const attacks = scenario('attacks').attacks.filter(({ id }) => id === 'own: pages never read');
    const json = async (...options: string[]): Promise<string> =>
      (await cli.run(['score', 'simulate', write({ attacks }), '--json', ...options])).stdout;
    expect(JSON.parse(await json())).toMatchObject({
      ...{ seed: 'seine', epochs: 2, formulas: ['seine'] },
      attacks: [{ id: 'own: pages never read', by_epoch_ppb: [expect.any(Number), expect.any(Number)] }],
    });
    expect(await json()).toBe(await json('--seed', 'seine'));
    expect(await json('--seed', 'other')).not.toBe(await json());
    expect(await json('--epochs', '3')).toContain('"epochs": 3');
  });

  it.each([
    ['not there', () => 'missing.json', 'does not exist'],
    ['no scenario', () => write({ epochs: 0 }), 'epochs'],
    [
      'an unknown strategy',
      () => write({ attacks: [{ id: 'x', tries: '', closed_by: '', strategy: { name: 'x' } }] }),
      'no strategy x',
    ],
  ])('refuses what is %s', async (_, file, says) => {
    const { exitCode, stderr } = await cli.run(['score', 'simulate', file()]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
  });
});
