import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { canonicalJson } from '../core/canonical-json.ts';
import { InvalidInputError } from '../core/errors.ts';
import { MerkleAccumulator, leafHash } from '../core/hash/merkle.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import { TOOL } from '../core/manifest.ts';
import { renderCard } from './card.ts';
import type { CommitRef, DatasetFile, DatasetManifest, PublishedRow } from './dataset-manifest.ts';
import { DatasetExists } from './errors.ts';
import { fileDigest } from './file-digest.ts';
import { writeParquet } from './parquet-writer.ts';
import { canonicalPublishedRow } from './published-row.ts';
import type { Recipe } from './recipe.ts';
import { isWanted, parseRecipe } from './recipe.ts';
import { MAX_SHARD_ROWS, PUBLISHED_COLUMNS } from './schema.ts';
import type { SortedRows } from './sorted-rows.ts';
import { sortOnDisk } from './sorted-rows.ts';

export type { CommitRef, PublishedRow } from './dataset-manifest.ts';

export interface DatasetInput {
  recipe: Recipe;
  /** In any order; the recipe's filters choose among them. No two may share an id. */
  rows: AsyncIterable<PublishedRow> | Iterable<PublishedRow>;
  /** What `commit` of the rows counts in. */
  commits: readonly CommitRef[];
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
}

/**
 * Builds a published dataset in the Hugging Face layout: `data/train-00000-of-000NN.parquet`, `README.md` and `manifest.json`. The
 * same rows, commits and recipe give the same bytes, in whatever order the rows come; building it again where it already
 * stands changes nothing.
 * @throws InvalidInputError for a row that breaks the format, an id twice, or no row that the recipe wants
 * @throws DatasetExists where something else stands at `outDir`
 */
export async function buildDataset(input: DatasetInput): Promise<DatasetResult> {
  const recipe = parseRecipe(input.recipe);
  const outDir = resolve(input.outDir);
  await mkdir(dirname(outDir), { recursive: true });
  const work = await mkdtemp(join(dirname(outDir), `.${basename(outDir)}-`));
  try {
    const sorted = await sortOnDisk(chosen(recipe, input.rows), work);
    if (sorted.rows === 0) throw new InvalidInputError(`no row passes the filters of recipe ${recipe.name}`);
    const draft = join(work, 'dataset');
    await mkdir(join(draft, 'data'), { recursive: true });
    const written = await writeFiles(draft, sorted, input);
    const manifest: DatasetManifest = {
      version: 1,
      recipe,
      base: null,
      files: written.files,
      rows: sorted.rows,
      rows_root: written.rowsRoot,
      commits: input.commits.map(({ netuid, hotkey, block, event, manifest }) => ({
        netuid,
        hotkey,
        block,
        event,
        manifest,
      })),
      tool: TOOL,
    };
    const text = canonicalJson(manifest);
    await writeText(join(draft, 'README.md'), renderCard(recipe, manifest, written.arrowBytes));
    await writeText(join(draft, 'manifest.json'), text);
    await settle(draft, outDir, text);
    const bytes = written.files.reduce((sum, file) => sum + file.bytes, 0);
    return { path: outDir, rows: manifest.rows, bytes, manifest: sha256Hex(text), files: written.files };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function* chosen(recipe: Recipe, rows: DatasetInput['rows']): AsyncGenerator<PublishedRow> {
  for await (const row of rows) if (isWanted(recipe, row)) yield row;
}

async function writeFiles(
  draft: string,
  sorted: SortedRows<PublishedRow>,
  { commits, maxFileRows = MAX_SHARD_ROWS }: DatasetInput,
): Promise<{ files: DatasetFile[]; rowsRoot: Digest; arrowBytes: number }> {
  const whole = new MerkleAccumulator();
  const files: DatasetFile[] = [];
  let arrowBytes = 0;
  const rows = sorted.read();
  const total = Math.ceil(sorted.rows / maxFileRows);
  try {
    for (let number = 0; number < total; number++) {
      const tree = new MerkleAccumulator();
      const see = (row: PublishedRow): void => {
        const leaf = leafHash(canonicalPublishedRow(row, commits.length));
        tree.add(leaf);
        whole.add(leaf);
      };
      const path = `data/train-${padded(number)}-of-${padded(total)}.parquet`;
      const written = await writeParquet(join(draft, path), PUBLISHED_COLUMNS, take(rows, maxFileRows, see));
      arrowBytes += written.arrowBytes;
      files.push({ path, ...(await fileDigest(join(draft, path))), rows: tree.count, rows_root: tree.root() });
    }
  } finally {
    await rows.return(undefined);
  }
  return { files, rowsRoot: whole.root(), arrowBytes };
}

/** The next `count` rows, leaving the rest to be taken later. */
async function* take<Row>(rows: AsyncGenerator<Row>, count: number, see: (row: Row) => void): AsyncGenerator<Row> {
  for (let taken = 0; taken < count; taken++) {
    const next = await rows.next();
    if (next.done === true) return;
    see(next.value);
    yield next.value;
  }
}

/** Puts the draft in its place; a dataset of the same manifest that stands there already is it. */
async function settle(draft: string, outDir: string, manifest: string): Promise<void> {
  try {
    await rename(draft, outDir);
  } catch (error) {
    const standing = await readFile(join(outDir, 'manifest.json'), 'utf8').catch(() => null);
    if (standing === null && !isTaken(error)) throw error;
    if (standing !== manifest) throw new DatasetExists(outDir);
  }
}

function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function writeText(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function padded(number: number): string {
  return String(number).padStart(5, '0');
}
