import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import { renderCard } from './card.ts';
import { renderCroissant } from './croissant.ts';
import type { Check, CheckList } from './dataset-checks.ts';
import { createCheckList, expectSame } from './dataset-checks.ts';
import type { CommitRef, DatasetManifest } from './dataset-manifest.ts';
import { parseDatasetManifest } from './dataset-manifest.ts';
import { LeafSet } from './leaf-set.ts';
import { leavesPath, manifestPath, readProvenance } from './provenance.ts';
import { assertTombstone } from './tombstone.ts';
import { checkFiles } from './verify-files.ts';

export interface VerifyDeps {
  /**
   * The chain: the manifest digest that the commitment named which this hotkey made at this block and event, null where it made none.
   * Left out, nothing is asked of the chain, and the report says so.
   */
  readCommit?(commit: CommitRef): Promise<{ manifest: Digest } | null>;
  /** The manifest digest that the dataset should have, where the reader knows it from elsewhere. */
  expected?: Digest;
}

export interface VerifyReport {
  /** Whether every check holds. */
  ok: boolean;
  /** Digest of the `manifest.json` that was read; null where there is none. */
  manifest: Digest | null;
  /** Rows that were read. */
  rows: number;
  /** Whether the chain was asked. */
  chain: boolean;
  checks: Check[];
}

/**
 * Checks a published dataset by its own files and the chain alone: form of the manifest; that card and Croissant say what it says; every
 * commit against the chain, its miner's manifest and the leaves in it; every file's digest, size, schema, rows and row tree; ids
 * unique; the recipe's filters; each row's leaf, and that its commit holds it; tombstones. Goes on after a fault, so that the report is
 * whole. Throws only what `deps` throw.
 */
export async function verifyDataset(dir: string, deps: VerifyDeps): Promise<VerifyReport> {
  const list = createCheckList();
  const chain = deps.readCommit !== undefined;
  let read: { manifest: DatasetManifest; digest: Digest } | undefined;
  await list.run('manifest', async () => {
    const bytes = await readFile(join(dir, 'manifest.json'));
    const digest = sha256Hex(bytes);
    if (deps.expected !== undefined) expectSame('digest', deps.expected, digest);
    read = { manifest: parseDatasetManifest(bytes.toString('utf8')), digest };
    return digest;
  });
  if (read === undefined) return { ok: false, manifest: null, rows: 0, chain, checks: list.checks };
  const { manifest, digest } = read;
  await list.run('card', () => checkText(dir, 'README.md', renderCard(manifest, digest)));
  await list.run('croissant', () => checkText(dir, 'croissant.json', renderCroissant(manifest, digest)));
  const committed = await checkCommits(dir, manifest, deps, list);
  const rows = await checkFiles(dir, { manifest, salt: digest, committed: committed.leaves }, list);
  await list.run('tombstones', () => checkTombstones(manifest));
  await list.run('folder', () => checkFolder(dir, manifest, committed.digests));
  return { ok: list.checks.every((check) => check.ok), manifest: digest, rows, chain, checks: list.checks };
}

async function checkText(dir: string, name: string, expected: string): Promise<string> {
  const found = await readFile(join(dir, name));
  if (!found.equals(Buffer.from(expected))) throw new InvalidInputError(`${name} doesn't say what the manifest says`);
  return 'says what the manifest says';
}

/** The leaves that each commit holds; undefined where its manifests don't hold. */
async function checkCommits(
  dir: string,
  manifest: DatasetManifest,
  deps: VerifyDeps,
  list: CheckList,
): Promise<{ leaves: (LeafSet | undefined)[]; digests: Set<Digest> }> {
  const leaves: (LeafSet | undefined)[] = [];
  const digests = new Set<Digest>();
  for (const [index, commit] of manifest.commits.entries()) {
    const name = `commit ${index} (${commit.hotkey}, block ${commit.block}, event ${commit.event})`;
    const found = await deps.readCommit?.(commit);
    leaves.push(undefined);
    await list.run(name, async () => {
      const kept = await readProvenance(dir, commit, manifest.commits);
      for (const { digest } of kept) digests.add(digest);
      leaves[index] = new LeafSet(kept.map((each) => each.leaves));
      const rows = kept.reduce((sum, { head }) => sum + head.rows, 0);
      const inside = `${rows} leaves in ${kept.length === 1 ? 'its manifest' : `${kept.length} manifests`}`;
      if (found === undefined) return `${inside}; the chain was not asked`;
      if (found === null) throw new InvalidInputError('the chain has no such commitment');
      expectSame('manifest on chain', commit.manifest, found.manifest);
      return `${inside}, which the chain names`;
    });
  }
  return { leaves, digests };
}

async function checkTombstones({ recipe, tombstones }: DatasetManifest): Promise<string> {
  for (const tombstone of tombstones) {
    expectSame('dataset of a tombstone', recipe.name, tombstone.dataset);
    await assertTombstone(tombstone);
  }
  return `${tombstones.length} rows withdrawn, each by a signature`;
}

/** Loaders take whatever lies in `data/`: there may be nothing that the manifest doesn't name. Hidden files are the hub's own. */
async function checkFolder(dir: string, manifest: DatasetManifest, digests: ReadonlySet<Digest>): Promise<string> {
  const named = new Set(['manifest.json', 'README.md', 'croissant.json', ...manifest.files.map((file) => file.path)]);
  for (const digest of digests) named.add(manifestPath(digest)).add(leavesPath(digest));
  const found = await readdir(dir, { withFileTypes: true, recursive: true });
  const prefix = join(dir, '/').length;
  for (const entry of found) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name).slice(prefix).replaceAll('\\', '/');
    if (!path.startsWith('.') && !named.has(path))
      throw new InvalidInputError(`${path} is none of the dataset's files`);
  }
  return `${named.size} files, and nothing else`;
}
