import { join } from 'node:path';
import { canonicalRow } from '../core/canonical-row.ts';
import { InvalidInputError } from '../core/errors.ts';
import { MerkleAccumulator, leafHash } from '../core/hash/merkle.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import type { Digest } from '../core/manifest.ts';
import type { CheckList } from './dataset-checks.ts';
import { expectSame } from './dataset-checks.ts';
import type { DatasetFile, DatasetManifest, PublishedRow } from './dataset-manifest.ts';
import { fileDigest } from './file-digest.ts';
import type { LeafSet } from './leaf-set.ts';
import { readParquet } from './parquet-reader.ts';
import { canonicalPublishedRow, recordOf } from './published-row.ts';
import { isWanted } from './recipe.ts';
import { countRow, noRows } from './row-counts.ts';
import { assertAfter } from './row-order.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';
import { UniqueIds } from './unique-ids.ts';

export interface FilesToCheck {
  manifest: DatasetManifest;
  /** Digest of the manifest, which depends on every row. */
  salt: Digest;
  /** The leaves of each commit; undefined where they are not known to be its own. */
  committed: readonly (LeafSet | undefined)[];
}

/** Checks all Parquet files of a dataset and what their rows are together; gives the number of rows that were read. */
export async function checkFiles(dir: string, files: FilesToCheck, list: CheckList): Promise<number> {
  const { manifest } = files;
  const whole = new MerkleAccumulator();
  const counts = noRows();
  const ids = new UniqueIds(files.salt);
  const withdrawn = new Set(manifest.tombstones.map((tombstone) => tombstone.id_sha256));
  let readable = true;
  for (const file of manifest.files) {
    const held = await list.run(`file ${file.path}`, async () => {
      await checkBytes(dir, file);
      const tree = new MerkleAccumulator();
      let last: string | null = null;
      const limits = { maxRows: file.rows };
      for await (const row of readParquet(join(dir, file.path), PUBLISHED_COLUMNS, limits)) {
        const published = row as unknown as PublishedRow;
        assertAfter(last, published.id);
        last = published.id;
        const leaf = checkRow(published, files);
        if (withdrawn.size > 0 && withdrawn.has(sha256Hex(last))) throw new InvalidInputError(`${last} was withdrawn`);
        ids.add(last);
        countRow(counts, published);
        tree.add(leaf);
        whole.add(leaf);
      }
      expectSame('rows', file.rows, tree.count);
      expectSame('rows_root', file.rows_root, tree.root());
      return `${tree.count} rows, leaves as committed`;
    });
    readable &&= held;
  }
  await list.run('rows', () => {
    if (!readable) throw new InvalidInputError('not all files hold');
    expectSame('rows', manifest.rows, whole.count);
    expectSame('rows_root', manifest.rows_root, whole.root());
    expectSame('counts', canonicalJson(manifest.counts), canonicalJson(counts));
    expectSame('ids that come twice', 0, ids.repeated());
    return `${whole.count} rows, ids unique, root ${whole.root()}`;
  });
  return whole.count;
}

async function checkBytes(dir: string, file: DatasetFile): Promise<void> {
  const found = await fileDigest(join(dir, file.path));
  expectSame('sha256', file.sha256, found.sha256);
  expectSame('bytes', file.bytes, found.bytes);
}

/** The row's leaf in the dataset's tree, once its own claims hold. */
function checkRow(row: PublishedRow, { manifest, committed }: FilesToCheck): Uint8Array {
  const text = canonicalPublishedRow(row, manifest.commits.length);
  const record = recordOf(row);
  const leaf = leafHash(canonicalRow(record));
  expectSame(`row ${row.id}: leaf`, row.leaf, Buffer.from(leaf).toString('hex'));
  if (committed[row.commit]?.has(leaf) !== true) {
    throw new InvalidInputError(`row ${row.id}: commit ${row.commit} is not known to hold it`);
  }
  if (!isWanted(manifest.recipe, record))
    throw new InvalidInputError(`row ${row.id} doesn't pass the recipe's filters`);
  return leafHash(text);
}
