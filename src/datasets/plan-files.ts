import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import type { BaseRow, BaseVersion } from './base-version.ts';
import type { PublishedRow } from './dataset-manifest.ts';
import type { RowCounts } from './row-counts.ts';
import { countRow, noRows } from './row-counts.ts';
import { compareIds } from './row-order.ts';
import type { SortedRows } from './sorted-rows.ts';
import { sortOnDisk } from './sorted-rows.ts';

/** One file of a dataset to be written. */
export type PlannedFile =
  /** A file of the version before without the rows of these ids; as it is where there are none. */
  { kind: 'base'; file: number; without: ReadonlySet<string>; rows: number } | { kind: 'new'; rows: number };

export interface FilePlan {
  files: PlannedFile[];
  rows: number;
  /** Rows that the version before has not, and those that it has and this one has not. */
  added: number;
  removed: number;
  /** The added rows in id order: those of the `new` files, one after another. */
  fresh: SortedRows<PublishedRow>;
  counts: RowCounts;
}

/**
 * Decides which rows go into which file. Rows that stay keep their file, so that the files of a version are those of the one before
 * where nothing was removed from them; rows that are new go into files of their own, at most `maxFileRows` each.
 */
export async function planFiles(input: {
  base: BaseVersion | null;
  rows: SortedRows<PublishedRow>;
  work: string;
  maxFileRows: number;
}): Promise<FilePlan> {
  const counts = noRows();
  const { base, rows, work } = input;
  const gone: Set<string>[] = (base?.manifest.files ?? []).map(() => new Set());
  let fresh = rows;
  if (base === null) {
    for await (const row of rows.read()) countRow(counts, row);
  } else {
    const folder = join(work, 'fresh');
    await mkdir(folder);
    fresh = await sortOnDisk(joined(base.rows, rows, gone, counts), folder);
  }
  const files: PlannedFile[] = [];
  base?.manifest.files.forEach((stated, file) => {
    const without = gone[file]!;
    if (without.size < stated.rows) files.push({ kind: 'base', file, without, rows: stated.rows - without.size });
  });
  for (let left = fresh.rows; left > 0; left -= input.maxFileRows) {
    files.push({ kind: 'new', rows: Math.min(left, input.maxFileRows) });
  }
  return {
    files,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    added: fresh.rows,
    removed: gone.reduce((sum, ids) => sum + ids.size, 0),
    fresh,
    counts,
  };
}

/** Gives the added rows, and notes those that are gone; both sides are in id order. */
async function* joined(
  before: SortedRows<BaseRow>,
  now: SortedRows<PublishedRow>,
  gone: readonly Set<string>[],
  counts: RowCounts,
): AsyncGenerator<PublishedRow> {
  const old = before.read();
  try {
    let head = await old.next();
    for await (const row of now.read()) {
      countRow(counts, row);
      while (head.done !== true && compareIds(head.value.id, row.id) < 0) {
        gone[head.value.file]!.add(head.value.id);
        head = await old.next();
      }
      const same = head.done !== true && head.value.id === row.id ? head.value : null;
      if (same !== null) head = await old.next();
      if (same !== null && same.leaf === row.leaf && same.commit === row.commit) continue;
      if (same !== null) gone[same.file]!.add(same.id);
      yield row;
    }
    for (; head.done !== true; head = await old.next()) gone[head.value.file]!.add(head.value.id);
  } finally {
    await old.return(undefined);
  }
}
