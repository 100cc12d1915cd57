import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { canonicalJson } from '../core/canonical-json.ts';
import { InvalidInputError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import { TOOL } from '../core/version.ts';
import type { BaseVersion } from './base-version.ts';
import { carryProvenance, openBase } from './base-version.ts';
import type { Contribution } from './contributions.ts';
import { gatherContributions } from './contributions.ts';
import { renderCard } from './card.ts';
import { renderCroissant } from './croissant.ts';
import type { DatasetChanges, DatasetFile, DatasetManifest } from './dataset-manifest.ts';
import { settle, writeText } from './draft-folder.ts';
import { DatasetUnchanged } from './errors.ts';
import { planFiles } from './plan-files.ts';
import type { Recipe } from './recipe.ts';
import { parseRecipe } from './recipe.ts';
import { MAX_SHARD_ROWS } from './schema.ts';
import { assertTombstone } from './tombstone.ts';
import type { Tombstone } from './tombstone.ts';
import { writeFiles } from './write-files.ts';

export type { CommitRef, PublishedRow } from './dataset-manifest.ts';

export interface DatasetInput {
  recipe: Recipe;
  /** All that should be in it, in any order; the recipe's filters choose among the rows. No two rows may share an id. */
  contributions: AsyncIterable<Contribution> | Iterable<Contribution>;
  /** Folder of the version before: its files stay as they are where their rows do. */
  baseDir?: string;
  /** Rows to leave out from now on, beside those that the version before leaves out. */
  tombstones?: readonly Tombstone[];
  /** Folder of the dataset. It appears whole or not at all. */
  outDir: string;
  /** @default 1000000 */
  maxFileRows?: number;
}

export interface DatasetResult {
  path: string;
  rows: number;
  /** Of the Parquet files. */
  bytes: number;
  /** Digest of `manifest.json`. */
  manifest: Digest;
  files: DatasetFile[];
  /** Against the version before; null for a first one. */
  changes: DatasetChanges | null;
}

/**
 * Builds a published dataset in the Hugging Face layout: `data/train-00000-of-000NN.parquet`, `README.md`, `croissant.json`,
 * `manifest.json`, and under `commits/` the miners' manifests with the leaves that prove each row's place in them. The same rows,
 * commits, recipe, tombstones and version before give the same bytes, in whatever order rows come and wherever it is built; building
 * it again where it already stands changes nothing.
 * @throws InvalidInputError for a row that breaks the format, an id twice, or no row that the recipe wants
 * @throws DatasetExists where something else stands at `outDir`
 * @throws DatasetUnchanged where the version before holds exactly this
 */
export async function buildDataset(input: DatasetInput): Promise<DatasetResult> {
  const recipe = parseRecipe(input.recipe);
  const outDir = resolve(input.outDir);
  await mkdir(dirname(outDir), { recursive: true });
  const work = await mkdtemp(join(dirname(outDir), `.${basename(outDir)}-`));
  try {
    const draft = join(work, 'dataset');
    await mkdir(join(draft, 'data'), { recursive: true });
    await mkdir(join(draft, 'commits'));
    const base = input.baseDir === undefined ? null : await openBase(resolve(input.baseDir), work);
    const tombstones = await allTombstones(recipe, base, input.tombstones ?? []);
    const gathered = await gatherContributions({ ...input, recipe, base, tombstones, draft, work });
    if (base !== null) await carryProvenance(base, draft);
    const plan = await planFiles({ base, rows: gathered.rows, work, maxFileRows: input.maxFileRows ?? MAX_SHARD_ROWS });
    if (plan.rows === 0) throw new InvalidInputError(`no row passes the filters of recipe ${recipe.name}`);
    if (base !== null && isUnchanged(base, recipe, tombstones, plan)) throw new DatasetUnchanged(base.digest);
    const written = await writeFiles({ draft, plan, base, commits: gathered.commits.length });
    const manifest: DatasetManifest = {
      version: 1,
      recipe,
      base: base?.digest ?? null,
      changes: base === null ? null : changesOf(base, plan, written.files),
      files: written.files,
      rows: plan.rows,
      rows_root: written.rowsRoot,
      counts: plan.counts,
      commits: gathered.commits,
      tombstones,
      tool: TOOL,
    };
    const text = canonicalJson(manifest);
    const digest = sha256Hex(text);
    await writeText(join(draft, 'README.md'), renderCard(manifest, digest));
    await writeText(join(draft, 'croissant.json'), renderCroissant(manifest, digest));
    await writeText(join(draft, 'manifest.json'), text);
    await settle(draft, outDir, text);
    const bytes = written.files.reduce((sum, file) => sum + file.bytes, 0);
    const { rows, files, changes } = manifest;
    return { path: outDir, rows, bytes, manifest: digest, files, changes };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function allTombstones(
  recipe: Recipe,
  base: BaseVersion | null,
  more: readonly Tombstone[],
): Promise<Tombstone[]> {
  for (const tombstone of more) {
    if (tombstone.dataset !== recipe.name || tombstone.base !== base?.digest) {
      throw new InvalidInputError('a tombstone withdraws rows of the version before, and of no other dataset');
    }
    await assertTombstone(tombstone);
  }
  const known = base?.manifest.tombstones ?? [];
  const ids = new Set(known.map((tombstone) => tombstone.id_sha256));
  const added = more.filter(({ id_sha256 }) => !ids.has(id_sha256) && ids.add(id_sha256));
  return [...known, ...added.toSorted((a, b) => (a.id_sha256 < b.id_sha256 ? -1 : 1))];
}

function isUnchanged(
  base: BaseVersion,
  recipe: Recipe,
  tombstones: readonly Tombstone[],
  plan: { added: number; removed: number },
): boolean {
  return (
    plan.added === 0 &&
    plan.removed === 0 &&
    tombstones.length === base.manifest.tombstones.length &&
    canonicalJson(recipe) === canonicalJson(base.manifest.recipe)
  );
}

function changesOf(
  { manifest }: BaseVersion,
  plan: { added: number; removed: number },
  files: readonly DatasetFile[],
): DatasetChanges {
  const before = manifest.files.map((file) => file.sha256);
  const now = files.map((file) => file.sha256);
  return {
    added: { rows: plan.added, files: now.filter((digest) => !before.includes(digest)) },
    removed: { rows: plan.removed, files: before.filter((digest) => !now.includes(digest)) },
  };
}
