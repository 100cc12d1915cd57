import { canonicalJson } from '../core/canonical-json.ts';
import { assertRow } from '../core/canonical-row.ts';
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
  assertRow(recordOf(row));
  if (!/^[0-9a-f]{64}$/.test(row.leaf)) throw new InvalidInputError(`row ${row.id}: leaf is not a digest`);
  if (!Number.isInteger(row.commit) || row.commit < 0 || row.commit >= commits) {
    throw new InvalidInputError(`row ${row.id}: commit ${row.commit} is none of the ${commits} commits`);
  }
  return canonicalJson(row);
}

/** The row without the columns that publishing added. */
export function recordOf(row: PublishedRow): DataRecord {
  const record: Partial<PublishedRow> = { ...row };
  delete record.leaf;
  delete record.commit;
  return record as DataRecord;
}
