import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '../core/errors.ts';
import { MerkleAccumulator, leafHash } from '../core/hash/merkle.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import type { DatasetManifest, PublishedRow } from './dataset-manifest.ts';
import { parseDatasetManifest } from './dataset-manifest.ts';
import { fileDigest } from './file-digest.ts';
import { readParquet } from './parquet-reader.ts';
import { LEAF_BYTES } from './provenance.ts';
import { canonicalPublishedRow } from './published-row.ts';
import type { CountedRow } from './row-counts.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';
import type { SortedRows } from './sorted-rows.ts';
import { sortOnDisk } from './sorted-rows.ts';

/** A row of the version before: what is needed to see whether it stays. */
export interface BaseRow extends CountedRow {
  id: string;
  leaf: Digest;
  commit: number;
  /** Index into the version's files. */
  file: number;
}

/** The version before, whose files were found to be what its manifest says. */
export interface BaseVersion {
  dir: string;
  digest: Digest;
  manifest: DatasetManifest;
  /** In id order over all files. */
  rows: SortedRows<BaseRow>;
  /** The published rows of one file, in file order. */
  read(file: number): AsyncGenerator<PublishedRow>;
  /** Leaves of one file's published rows in order, 32 bytes each. */
  leaves(file: number): Promise<Uint8Array>;
}

/**
 * Reads a version to build the next one on.
 * @param work folder for what doesn't fit into memory
 * @throws InvalidInputError where a file isn't what the manifest says
 */
export async function openBase(dir: string, work: string): Promise<BaseVersion> {
  const bytes = await readFile(join(dir, 'manifest.json'));
  const manifest = parseDatasetManifest(bytes.toString('utf8'));
  const leavesAt = (file: number): string => join(work, `base-${file}.leaves`);
  const read = async function* (file: number): AsyncGenerator<PublishedRow> {
    const { path } = manifest.files[file]!;
    for await (const row of readParquet(join(dir, path), PUBLISHED_COLUMNS)) yield row as unknown as PublishedRow;
  };
  async function* rows(): AsyncGenerator<BaseRow> {
    for (const [file, stated] of manifest.files.entries()) {
      if ((await fileDigest(join(dir, stated.path))).sha256 !== stated.sha256) throw notAsStated(dir, stated.path);
      const tree = new MerkleAccumulator();
      const leaves = Buffer.alloc(stated.rows * LEAF_BYTES);
      for await (const row of read(file)) {
        const leaf = leafHash(canonicalPublishedRow(row, manifest.commits.length));
        leaves.set(leaf, tree.count * LEAF_BYTES);
        tree.add(leaf);
        const { id, commit, source, kind, lang, created_at } = row;
        yield { id, leaf: row.leaf, commit, file, source, kind, lang, created_at };
      }
      if (tree.root() !== stated.rows_root) throw notAsStated(dir, stated.path);
      await writeFile(leavesAt(file), leaves);
    }
  }
  return {
    dir,
    digest: sha256Hex(bytes),
    manifest,
    rows: await sortOnDisk(rows(), work, 'base'),
    read,
    leaves: (file) => readFile(leavesAt(file)),
  };
}

/** Keeps what the version before kept of its commits. */
export async function carryProvenance(base: BaseVersion, draft: string): Promise<void> {
  const folder = join(base.dir, 'commits');
  for (const name of await readdir(folder)) {
    if (/^[0-9a-f]{64}\.(json|leaves)$/.test(name)) await copyFile(join(folder, name), join(draft, 'commits', name));
  }
}

function notAsStated(dir: string, path: string): InvalidInputError {
  return new InvalidInputError(`${join(dir, path)} isn't what its manifest says: no version can be built on it`, {
    path,
  });
}
