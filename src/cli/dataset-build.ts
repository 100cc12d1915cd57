import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { parseRecipe, type Recipe } from '../datasets/recipe.ts';
import { datasetFolder } from './dataset-folder.ts';
import type { Session } from './session.ts';
import { temporalAccess } from './temporal-access.ts';
import { UsageError } from './usage-error.ts';
import { hotkeyOf } from './wallet.ts';

export async function build(
  session: Session,
  folder: string,
  options: { recipe?: string; base?: string },
): Promise<void> {
  const { context, settings, out } = session;
  const file = options.recipe === undefined ? undefined : resolve(context.cwd, options.recipe);
  const recipe = await readRecipe(file ?? join(context.clone, 'datasets', 'recipes', 'web-docs.json'));
  const base = options.base === undefined ? {} : { baseDir: datasetFolder(session, options.base) };
  const { buildDataset } = await import('./build-dataset.ts');
  const outDir = resolve(context.cwd, folder);
  const hotkey = (await hotkeyOf(settings)).address;
  const result = await buildDataset(
    { temporal: temporalAccess(settings), netuid: settings.values.netuid },
    { hotkey, recipe, outDir, ...base },
    out,
  );
  out.table({
    columns: ['rows', 'added', 'removed', 'bytes', 'files', 'manifest', 'folder'],
    rows: [
      [
        result.rows,
        result.changes?.added.rows ?? result.rows,
        result.changes?.removed.rows ?? 0,
        result.bytes,
        result.files.length,
        result.manifest,
        result.path,
      ],
    ],
  });
  out.json(result);
}

async function readRecipe(file: string): Promise<Recipe> {
  try {
    return parseRecipe(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new UsageError(`${file} can't be used as a recipe: ${messageOf(error)}`, { file });
  }
}
