import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { assertAfter, compareIds, sortRows } from './row-order.ts';

/** Rows that are sorted in memory at once. */
const RUN_ROWS = 65_536;

/** Rows that lie sorted on disk, to be read in order as often as wanted. */
export interface SortedRows<Row> {
  rows: number;
  /** In id order. @throws InvalidInputError where an id comes twice */
  read(): AsyncGenerator<Row>;
}

/**
 * Sorts more rows than memory holds: runs of 65,536 rows are sorted and spilled to `folder`, then merged while reading. The rows
 * must survive JSON unchanged. `name` keeps several sorts in one folder apart.
 */
export async function sortOnDisk<Row extends { id: string }>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  folder: string,
  name = 'run',
): Promise<SortedRows<Row>> {
  const runs: string[] = [];
  let count = 0;
  let run: Row[] = [];
  const spill = async (): Promise<void> => {
    const path = join(folder, `${name}-${runs.length}.ndjson`);
    runs.push(path);
    await writeRun(path, sortRows(run));
    run = [];
  };
  for await (const row of rows) {
    count += 1;
    if (run.push(row) === RUN_ROWS) await spill();
  }
  if (run.length > 0) await spill();
  return { rows: count, read: () => merge<Row>(runs) };
}

async function writeRun(path: string, rows: readonly object[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let start = 0; start < rows.length; start += 1000) {
      await file.writeFile(
        rows
          .slice(start, start + 1000)
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(''),
      );
    }
  } finally {
    await file.close();
  }
}

async function* merge<Row extends { id: string }>(runs: readonly string[]): AsyncGenerator<Row> {
  const heads: { row: Row; rest: AsyncGenerator<Row> }[] = [];
  let before: string | null = null;
  try {
    for (const path of runs) {
      const rest = readRun<Row>(path);
      const first = await rest.next();
      if (first.done !== true) heads.push({ row: first.value, rest });
    }
    while (heads.length > 0) {
      let least = 0;
      for (let index = 1; index < heads.length; index++) {
        if (compareIds(heads[index]!.row.id, heads[least]!.row.id) < 0) least = index;
      }
      const head = heads[least]!;
      assertAfter(before, head.row.id);
      before = head.row.id;
      yield head.row;
      const next = await head.rest.next();
      if (next.done === true) heads.splice(least, 1);
      else head.row = next.value;
    }
  } finally {
    for (const head of heads) await head.rest.return(undefined);
  }
}

async function* readRun<Row>(path: string): AsyncGenerator<Row> {
  const input = createReadStream(path);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) yield JSON.parse(line) as Row;
  } finally {
    input.destroy();
  }
}
