import { canonicalRow } from '../core/canonical-row.ts';
import { InvalidInputError, messageOf } from '../core/errors.ts';
import type { DataRecord } from '../core/record.ts';

/**
 * Rows of a scraped batch: canonical rows with a line feed between them; one at the end does no harm. Whether a batch is whole is
 * known from its digest.
 * @throws InvalidInputError naming the line
 */
export function readSpool(bytes: Uint8Array): DataRecord[] {
  const lines = utf8(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(parseLine);
}

function parseLine(line: string, index: number): DataRecord {
  try {
    const row = JSON.parse(line) as DataRecord;
    if (canonicalRow(row) !== line) throw new InvalidInputError('not in canonical form');
    return row;
  } catch (error) {
    throw new InvalidInputError(`line ${index + 1} of the spool isn't a canonical row: ${messageOf(error)}`);
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvalidInputError('the spool is not UTF-8');
  }
}
