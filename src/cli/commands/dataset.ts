import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Chain } from '../../commit/chain-port.ts';
import { decodeCommitment } from '../../commit/commitment.ts';
import { messageOf } from '../../core/errors.ts';
import type { CommitRef } from '../../datasets/dataset-manifest.ts';
import { parseRecipe, type Recipe } from '../../datasets/recipe.ts';
import { EXIT } from '../exit-codes.ts';
import type { Act, Session } from '../session.ts';
import { temporalAccess } from '../temporal-access.ts';
import { UsageError } from '../usage-error.ts';
import { hotkeyOf } from '../wallet.ts';
import { withChain } from '../with-chain.ts';

export function addDatasetCommands(program: Command, act: Act): void {
  const dataset = program
    .command('dataset')
    .helpCommand(false)
    .summary('published datasets')
    .description('Datasets: Parquet, a card and a manifest.');
  dataset
    .command('build')
    .description("publish a running validator's owned, valid rows as a dataset")
    .argument('<folder>', 'folder of the dataset; must not exist yet')
    .option('--recipe <file>', 'what goes in (else datasets/recipes/web-docs.json)')
    .action(act(build));
  dataset
    .command('verify')
    .description("check a dataset's files, row trees and commits against nothing but the chain")
    .argument('<folder>', 'folder with manifest.json')
    .action(act(verify));
}

async function build(session: Session, folder: string, options: { recipe?: string }): Promise<void> {
  const { context, settings, out } = session;
  const file = options.recipe === undefined ? undefined : resolve(context.cwd, options.recipe);
  const recipe = await readRecipe(file ?? join(context.clone, 'datasets', 'recipes', 'web-docs.json'));
  const { buildDataset } = await import('../build-dataset.ts');
  const outDir = resolve(context.cwd, folder);
  const hotkey = (await hotkeyOf(settings)).address;
  const result = await buildDataset(
    { temporal: temporalAccess(settings), netuid: settings.values.netuid },
    { hotkey, recipe, outDir },
    out,
  );
  out.table({
    columns: ['rows', 'bytes', 'files', 'manifest', 'folder'],
    rows: [[result.rows, result.bytes, result.files.length, result.manifest, result.path]],
  });
  out.json(result);
}

async function verify(session: Session, folder: string): Promise<number> {
  const { context, out } = session;
  const { verifyDataset } = await import('../../datasets/verify.ts');
  const dir = resolve(context.cwd, folder);
  if (!existsSync(join(dir, 'manifest.json')))
    throw new UsageError(`${dir} is no published dataset: it has no manifest.json`, { dir });
  const report = await withChain(session, (chain) =>
    verifyDataset(dir, { readCommit: (commit) => readCommit(chain, commit) }),
  );
  out.table({
    columns: ['', 'check', 'what was found'],
    rows: report.checks.map(({ name, ok, why }) => [
      ok ? { text: 'ok', tone: 'good' } : { text: 'wrong', tone: 'bad' },
      name,
      why,
    ]),
  });
  if (report.ok) out.line(`${report.rows} rows: every check holds.`, 'good');
  else out.line('Not as it was committed: see the checks that are wrong.', 'bad');
  out.json(report);
  return report.ok ? EXIT.ok : EXIT.failure;
}

/** What the chain says that a commit's place holds. */
async function readCommit(chain: Chain, { netuid, hotkey, block }: CommitRef): Promise<{ manifest: string } | null> {
  const text = await chain.commitmentAt(netuid, hotkey, block);
  const commitment = text === null ? null : decodeCommitment(text);
  return commitment?.kind === 'manifest' ? { manifest: commitment.manifest } : null;
}

async function readRecipe(file: string): Promise<Recipe> {
  try {
    return parseRecipe(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new UsageError(`${file} can't be used as a recipe: ${messageOf(error)}`, { file });
  }
}
