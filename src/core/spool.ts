import { canonicalRow } from './canonical-row.ts';
import { InvalidInputError, messageOf } from './errors.ts';
import type { DataRecord } from './record.ts';

/** A scraped batch on its way to a shard: one canonical row a line. */
export function writeSpool(rows: readonly DataRecord[]): Uint8Array {
  return new TextEncoder().encode(rows.map((row) => `${canonicalRow(row)}\n`).join(''));
}

/**
 * The rows of a batch; a line feed may be missing at its end. Whether a batch is whole is known from its digest.
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
