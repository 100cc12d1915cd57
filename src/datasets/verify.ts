import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '../core/errors.ts';
import { canonicalRow } from '../core/canonical-row.ts';
import { MerkleAccumulator, leafHash } from '../core/hash/merkle.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import type { Check, CheckList } from './dataset-checks.ts';
import { createCheckList } from './dataset-checks.ts';
import type { CommitRef, DatasetFile, DatasetManifest, PublishedRow } from './dataset-manifest.ts';
import { parseDatasetManifest } from './dataset-manifest.ts';
import { fileDigest } from './file-digest.ts';
import { readParquet } from './parquet-reader.ts';
import { canonicalPublishedRow, recordOf } from './published-row.ts';
import { isWanted } from './recipe.ts';
import { assertAfter } from './row-order.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';

export interface VerifyDeps {
  /** The chain: the manifest digest that the commitment at this place names, null where there is none. */
  readCommit(commit: CommitRef): Promise<{ manifest: Digest } | null>;
  /** A miner's manifest by digest, where it can be had; null where it can't. Its bytes are checked here. */
  readManifest?(digest: Digest): Promise<Uint8Array | null>;
}

export interface VerifyReport {
  /** Whether every check holds. */
  ok: boolean;
  /** Digest of the `manifest.json` that was read; null where there is none. */
  manifest: Digest | null;
  /** Rows that were read. */
  rows: number;
  checks: Check[];
}

/**
 * Checks a published dataset by its own files and the chain alone: form of the manifest; every file's digest, size, schema, rows
 * and row tree; ids unique; the recipe's filters; each row's leaf; and every commit against the chain. Goes on after a
 * fault, so that the report is whole. Throws only what `deps` throw.
 */
export async function verifyDataset(dir: string, deps: VerifyDeps): Promise<VerifyReport> {
  const list = createCheckList();
  let read: { manifest: DatasetManifest; digest: Digest } | undefined;
  await list.run('manifest', async () => {
    const bytes = await readFile(join(dir, 'manifest.json'));
    read = { manifest: parseDatasetManifest(bytes.toString('utf8')), digest: sha256Hex(bytes) };
    return read.digest;
  });
  if (read === undefined) return { ok: false, manifest: null, rows: 0, checks: list.checks };
  const { manifest, digest } = read;
  const rows = await checkFiles(dir, manifest, list);
  await checkCommits(manifest, deps, list);
  return { ok: list.checks.every((check) => check.ok), manifest: digest, rows, checks: list.checks };
}

async function checkFiles(dir: string, manifest: DatasetManifest, list: CheckList): Promise<number> {
  const whole = new MerkleAccumulator();
  let last: string | null = null;
  let readable = true;
  for (const file of manifest.files) {
    const held = await list.run(`file ${file.path}`, async () => {
      await checkBytes(dir, file);
      const tree = new MerkleAccumulator();
      for await (const row of readParquet(join(dir, file.path), PUBLISHED_COLUMNS)) {
        const published = row as unknown as PublishedRow;
        assertAfter(last, published.id);
        last = published.id;
        const leaf = checkRow(published, manifest);
        tree.add(leaf);
        whole.add(leaf);
      }
      expect('rows', file.rows, tree.count);
      expect('rows_root', file.rows_root, tree.root());
      return `${tree.count} rows, ids unique, leaves as committed`;
    });
    readable &&= held;
  }
  await list.run('rows', () => {
    if (!readable) throw new InvalidInputError('not all files hold');
    expect('rows', manifest.rows, whole.count);
    expect('rows_root', manifest.rows_root, whole.root());
    return `${whole.count} rows, root ${whole.root()}`;
  });
  return whole.count;
}

async function checkBytes(dir: string, file: DatasetFile): Promise<void> {
  const found = await fileDigest(join(dir, file.path));
  expect('sha256', file.sha256, found.sha256);
  expect('bytes', file.bytes, found.bytes);
}

/** The row's leaf in the dataset's tree, once its own claims hold. */
function checkRow(row: PublishedRow, manifest: DatasetManifest): Uint8Array {
  const text = canonicalPublishedRow(row, manifest.commits.length);
  const record = recordOf(row);
  // Nothing is masked or cleaned in a dataset made from commitments (`base` is null), so each row hashes to what was committed.
  const committed = Buffer.from(leafHash(canonicalRow(record))).toString('hex');
  if (manifest.base === null) expect(`row ${row.id}: leaf`, row.leaf, committed);
  if (!isWanted(manifest.recipe, record))
    throw new InvalidInputError(`row ${row.id} doesn't pass the recipe's filters`);
  return leafHash(text);
}

async function checkCommits(manifest: DatasetManifest, deps: VerifyDeps, list: CheckList): Promise<void> {
  for (const [index, commit] of manifest.commits.entries()) {
    const name = `commit ${index} (${commit.hotkey}, block ${commit.block}, event ${commit.event})`;
    const found = await deps.readCommit(commit);
    const bytes = (await deps.readManifest?.(commit.manifest)) ?? null;
    await list.run(name, () => {
      if (found === null) throw new InvalidInputError('the chain has no such commitment');
      expect('manifest on chain', commit.manifest, found.manifest);
      if (bytes === null) return `the chain names manifest ${commit.manifest}`;
      expect("digest of the miner's manifest", commit.manifest, sha256Hex(bytes));
      return `the chain names manifest ${commit.manifest}, whose bytes hold`;
    });
  }
}

function expect(what: string, stated: string | number, found: string | number): void {
  if (stated !== found) throw new InvalidInputError(`${what}: ${stated} is stated, ${found} was found`);
}
