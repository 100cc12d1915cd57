import { InvalidInputError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import type { BaseVersion } from './base-version.ts';
import type { CommitRef, PublishedRow } from './dataset-manifest.ts';
import type { CommittedManifest } from './provenance.ts';
import { writeProvenance } from './provenance.ts';
import type { Recipe } from './recipe.ts';
import { isWanted } from './recipe.ts';
import type { SortedRows } from './sorted-rows.ts';
import { sortOnDisk } from './sorted-rows.ts';
import type { Tombstone } from './tombstone.ts';

/** What one commitment gives to a dataset. */
export interface Contribution {
  commit: CommitRef;
  /** All manifests that the commitment anchors, oldest first; the last one is the commit's own. */
  manifests: readonly CommittedManifest[];
  /** Its owned, valid rows. */
  rows: Iterable<ContributedRow>;
}

export interface ContributedRow {
  row: DataRecord;
  /** The row's leaf as committed. */
  leaf: Digest;
}

export interface Gathered {
  /** Those of the version before, then the new ones in chain order. */
  commits: CommitRef[];
  /** Wanted rows in id order, with their index into `commits`. */
  rows: SortedRows<PublishedRow>;
}

/** Takes in all contributions, keeping their rows sorted on disk and their provenance in the draft. */
export async function gatherContributions(from: {
  recipe: Recipe;
  contributions: AsyncIterable<Contribution> | Iterable<Contribution>;
  base: BaseVersion | null;
  tombstones: readonly Tombstone[];
  draft: string;
  work: string;
}): Promise<Gathered> {
  const withdrawn = new Set(from.tombstones.map((tombstone) => tombstone.id_sha256));
  const known = from.base?.manifest.commits ?? [];
  const met: CommitRef[] = [];
  async function* rows(): AsyncGenerator<PublishedRow> {
    for await (const { commit, manifests, rows } of from.contributions) {
      const number = met.length;
      let kept = 0;
      for (const { row, leaf } of rows) {
        if (!isWanted(from.recipe, row) || withdrawn.has(sha256Hex(row.id))) continue;
        kept += 1;
        yield { ...row, leaf, commit: number };
      }
      if (kept === 0) continue;
      const { netuid, hotkey, block, event, manifest } = commit;
      met.push({ netuid, hotkey, block, event, manifest });
      await writeProvenance(from.draft, commit, manifests);
    }
  }
  const sorted = await sortOnDisk(rows(), from.work);
  const places = new Set(known.map(placeOf));
  const fresh = met.filter((commit) => !places.has(placeOf(commit))).sort(inChainOrder);
  const commits = [...known, ...fresh];
  const index = new Map(commits.map((commit, at) => [placeOf(commit), at]));
  if (index.size !== commits.length) throw new InvalidInputError('two contributions of one commitment');
  const numbers = met.map((commit) => index.get(placeOf(commit)) ?? -1);
  return {
    commits,
    rows: {
      rows: sorted.rows,
      async *read() {
        for await (const row of sorted.read()) yield { ...row, commit: numbers[row.commit] ?? -1 };
      },
    },
  };
}

function placeOf({ netuid, hotkey, block, event, manifest }: CommitRef): string {
  return [netuid, hotkey, block, event, manifest].join(' ');
}

function inChainOrder(a: CommitRef, b: CommitRef): number {
  return a.block - b.block || a.event - b.event || (a.hotkey < b.hotkey ? -1 : a.hotkey > b.hotkey ? 1 : 0);
}
