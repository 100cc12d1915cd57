import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signer } from '../core/chain.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import { buildDataset } from './build.ts';
import type { DatasetResult } from './build.ts';
import type { ContributedRow, Contribution } from './contributions.ts';
import type { PublishedRow } from './dataset-manifest.ts';
import { parseDatasetManifest } from './dataset-manifest.ts';
import { RowNotFound } from './errors.ts';
import { readParquet } from './parquet-reader.ts';
import { readProvenance } from './provenance.ts';
import { recordOf } from './published-row.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';
import type { Tombstone } from './tombstone.ts';
import { signTombstone } from './tombstone.ts';

/**
 * Builds the next version of a dataset without the rows of these ids, each withdrawn by a signed tombstone. Needs only the version's folder.
 * @throws RowNotFound for an id that the version doesn't have
 */
export async function withdrawRows(input: {
  /** Folder of the version that has the rows. */
  dir: string;
  ids: readonly string[];
  reason: string;
  signer: Signer;
  outDir: string;
}): Promise<DatasetResult> {
  const { dir, reason, signer } = input;
  const bytes = await readFile(join(dir, 'manifest.json'));
  const manifest = parseDatasetManifest(bytes.toString('utf8'));
  const wanted = new Set(input.ids);
  const found = new Map<string, PublishedRow>();
  const byCommit = manifest.commits.map((): ContributedRow[] => []);
  for (const { path } of manifest.files) {
    for await (const row of readParquet(join(dir, path), PUBLISHED_COLUMNS)) {
      const published = row as unknown as PublishedRow;
      if (wanted.has(published.id)) found.set(published.id, published);
      byCommit[published.commit]?.push({ row: recordOf(published), leaf: published.leaf });
    }
  }
  const missing = input.ids.find((id) => !found.has(id));
  if (missing !== undefined) throw new RowNotFound(missing);
  const about = { dataset: manifest.recipe.name, base: sha256Hex(bytes), reason };
  const tombstones: Tombstone[] = [];
  for (const row of found.values()) tombstones.push(await signTombstone(signer, row, about));
  async function* contributions(): AsyncGenerator<Contribution> {
    for (const [index, commit] of manifest.commits.entries()) {
      const kept = await readProvenance(dir, commit, manifest.commits);
      yield { commit, manifests: kept.reverse(), rows: byCommit[index] ?? [] };
    }
  }
  return await buildDataset({
    recipe: manifest.recipe,
    contributions: contributions(),
    baseDir: dir,
    tombstones,
    outDir: input.outDir,
  });
}
