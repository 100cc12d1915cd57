import { z } from 'zod';
import { parseCanonicalJson } from '../core/canonical-json.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { Digest } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import type { Recipe } from './recipe.ts';
import { recipeSchema } from './recipe.ts';
import type { RowCounts } from './row-counts.ts';
import type { Tombstone } from './tombstone.ts';

/** Where published rows were committed: enough to ask the chain. */
export interface CommitRef {
  netuid: number;
  /** SS58 address of the miner. */
  hotkey: string;
  block: number;
  /** Index of the `Commitment` event within the block. */
  event: number;
  /** Digest of the miner's manifest that the commitment names. */
  manifest: Digest;
}

/** A row of a dataset: a record with its place in what was committed. */
export interface PublishedRow extends DataRecord {
  /** The committed row's leaf in its miner's row tree, 64 hex characters. */
  leaf: Digest;
  /** Index into the dataset manifest's `commits`. */
  commit: number;
}

export interface DatasetFile {
  /** Within the dataset's folder, with forward slashes. */
  path: string;
  sha256: Digest;
  bytes: number;
  /** Bytes of the rows as Arrow buffers, as they were written. */
  unpacked_bytes: number;
  rows: number;
  /** RFC 6962 root over the leaves of the file's canonical published rows (see `canonicalPublishedRow`). */
  rows_root: Digest;
}

/** What a version adds to the one before and takes from it. A row whose content or commit is another one is removed and added. */
export interface DatasetChanges {
  added: { rows: number; files: Digest[] };
  removed: { rows: number; files: Digest[] };
}

/** `manifest.json` of a dataset (DESIGN.md, "Dataset manifest"), canonical JSON, named by its SHA-256. */
export interface DatasetManifest {
  version: 1;
  /** Whole, so that a reader needs nothing else to see what was asked for. */
  recipe: Recipe;
  /** Digest of the manifest of the version before, null for the first. */
  base: Digest | null;
  /** Against `base`; null for the first. */
  changes: DatasetChanges | null;
  files: DatasetFile[];
  rows: number;
  /** Root over all canonical published rows, files in this order. */
  rows_root: Digest;
  counts: RowCounts;
  /** Those of the version before first, as they stood there, so that its files can stay as they are. */
  commits: CommitRef[];
  /** Rows that this and all later versions leave out; those of the version before first. */
  tombstones: Tombstone[];
  tool: string;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const changed = z.strictObject({ rows: count, files: z.array(digest) });
const tally = z.record(z.string(), count);

const schema = z.strictObject({
  version: z.literal(1),
  recipe: recipeSchema,
  base: digest.nullable(),
  changes: z.strictObject({ added: changed, removed: changed }).nullable(),
  files: z
    .array(
      z.strictObject({
        // Nothing outside the folder, whatever the manifest says.
        path: z.string().regex(/^data\/train-\d{5}-of-\d{5}\.parquet$/),
        sha256: digest,
        bytes: count,
        unpacked_bytes: count,
        rows: count.min(1),
        rows_root: digest,
      }),
    )
    .min(1)
    .max(99_999),
  rows: count,
  rows_root: digest,
  counts: z.strictObject({
    sources: tally,
    kinds: tally,
    languages: tally,
    without_language: count,
    without_created_at: count,
    first_created_at: z.int().nullable(),
    last_created_at: z.int().nullable(),
  }),
  commits: z.array(z.strictObject({ netuid: count, hotkey: z.string(), block: count, event: count, manifest: digest })),
  tombstones: z.array(
    z.strictObject({
      dataset: z.string(),
      base: digest,
      id_sha256: digest,
      leaf: digest,
      reason: z.string(),
      signer: z.string(),
      signature: z.string().regex(/^[0-9a-f]{128}$/),
    }),
  ),
  tool: z.string(),
});

/** @throws InvalidInputError where the text isn't a dataset manifest in canonical form, or names files or itself twice */
export function parseDatasetManifest(text: string): DatasetManifest {
  const parsed = schema.safeParse(parseCanonicalJson(text));
  if (!parsed.success) throw new InvalidInputError(`not a dataset manifest:\n${z.prettifyError(parsed.error)}`);
  const manifest = parsed.data;
  manifest.files.forEach(({ path }, index) => {
    const expected = dataPath(index, manifest.files.length);
    if (path !== expected) throw new InvalidInputError(`file ${index} is called ${path}, not ${expected}`);
  });
  if ((manifest.base === null) !== (manifest.changes === null)) {
    throw new InvalidInputError('`changes` goes with `base`: a first version has neither');
  }
  return manifest;
}

/** Name of the file at this place, as the Hugging Face hub counts them. */
export function dataPath(index: number, total: number): string {
  return `data/train-${padded(index)}-of-${padded(total)}.parquet`;
}

function padded(number: number): string {
  return String(number).padStart(5, '0');
}
