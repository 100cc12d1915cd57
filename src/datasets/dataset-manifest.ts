import { z } from 'zod';
import { parseCanonicalJson } from '../core/canonical-json.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { Digest } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import type { Recipe } from './recipe.ts';
import { recipeSchema } from './recipe.ts';

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
  rows: number;
  /** RFC 6962 root over the leaves of the file's canonical published rows (see `canonicalPublishedRow`). */
  rows_root: Digest;
}

/** `manifest.json` of a dataset (DESIGN.md, "Dataset manifest"), canonical JSON, named by its SHA-256. */
export interface DatasetManifest {
  version: 1;
  /** Whole, so that a reader needs nothing else to see what was asked for. */
  recipe: Recipe;
  /** Digest of the manifest of the dataset that this one was made from, null where it came from commitments. */
  base: Digest | null;
  files: DatasetFile[];
  rows: number;
  /** Root over all canonical published rows, files in this order. */
  rows_root: Digest;
  commits: CommitRef[];
  tool: string;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const schema = z.strictObject({
  version: z.literal(1),
  recipe: recipeSchema,
  base: digest.nullable(),
  files: z.array(
    z.strictObject({
      // Nothing outside the folder, whatever the manifest says.
      path: z.string().regex(/^data\/train-\d{5}-of-\d{5}\.parquet$/),
      sha256: digest,
      bytes: count,
      rows: count,
      rows_root: digest,
    }),
  ),
  rows: count,
  rows_root: digest,
  commits: z.array(z.strictObject({ netuid: count, hotkey: z.string(), block: count, event: count, manifest: digest })),
  tool: z.string(),
});

/** @throws InvalidInputError where the text isn't a dataset manifest in canonical form */
export function parseDatasetManifest(text: string): DatasetManifest {
  const parsed = schema.safeParse(parseCanonicalJson(text));
  if (!parsed.success) throw new InvalidInputError(`not a dataset manifest:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
