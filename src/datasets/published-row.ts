import { canonicalRowWith } from '../core/canonical-row.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { DataRecord } from '../core/record.ts';
import type { PublishedRow } from './dataset-manifest.ts';

/**
 * The text of a published row that is hashed into a dataset's row tree: RFC 8785 JSON of all its columns, which is the canonical
 * row with the members `commit` and `leaf` among the others.
 * @param commits how many commits the dataset has; `commit` must be one of them
 * @throws InvalidInputError
 */
export function canonicalPublishedRow(row: PublishedRow, commits: number): string {
  const { record, leaf, commit } = parts(row);
  if (!/^[0-9a-f]{64}$/.test(leaf)) throw new InvalidInputError(`row ${row.id}: leaf is not a digest`);
  if (!Number.isInteger(commit) || commit < 0 || commit >= commits) {
    throw new InvalidInputError(`row ${row.id}: commit ${commit} is none of the ${commits} commits`);
  }
  return canonicalRowWith(record, { commit, leaf });
}

/** The row without the columns that publishing added. */
export function recordOf(row: PublishedRow): DataRecord {
  return parts(row).record;
}

function parts({ leaf, commit, ...record }: PublishedRow): { record: DataRecord; leaf: string; commit: number } {
  return { record, leaf, commit };
}
