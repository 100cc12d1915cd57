import { InvalidInputError } from '../core/errors.ts';

/** Order of ids in every file: as UTF-8 bytes, which is by code point and not by JavaScript's code units. */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x === y) continue;
    // Surrogates stand for code points above all other units, though their numbers lie below U+E000.
    const xHigh = x >= 0xd800 && x <= 0xdfff;
    const yHigh = y >= 0xd800 && y <= 0xdfff;
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** A sorted copy of the rows. */
export function sortRows<Row extends { id: string }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => compareIds(a.id, b.id));
}

/** Throws InvalidInputError unless `id` comes after `before`: rows are sorted and no id comes twice. */
export function assertAfter(before: string | null, id: string): void {
  if (before === null || compareIds(before, id) < 0) return;
  const what = before === id ? `${id} comes twice` : `${id} comes after ${before}`;
  throw new InvalidInputError(`rows must be unique and sorted by id as UTF-8 bytes; ${what}`, { id, before });
}
