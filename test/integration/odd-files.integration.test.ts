import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import type { Seen } from '../datasets/odd-readers.ts';
import { byDuckDb, byHyparquet, byOurs, byPyarrow, runJudge } from '../datasets/odd-readers.ts';
import { ODD_ROWS } from '../datasets/odd-rows.ts';
import { sampleRecords } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';

const dir = tempDir();
const rows = sampleRecords(20);
/** What `craft_shards.py` wrote, by what should become of it. */
let crafted: { same: string[]; schema: string[]; row_invalid: string[]; utf8: string[]; bombs: string[] };

const fileOf = (name: string): string => join(dir, 'crafted', `${name}.parquet`);

beforeAll(async () => {
  mkdirSync(join(dir, 'crafted'));
  await writeShard(rows, join(dir, 'good.parquet'));
  const answer = await runJudge('craft_shards.py', [join(dir, 'good.parquet'), join(dir, 'crafted')]);
  crafted = JSON.parse(answer) as typeof crafted;
});

async function byAll(paths: readonly string[]): Promise<Record<string, Seen>[]> {
  const pyarrow = await byPyarrow(paths);
  const all: Record<string, Seen>[] = [];
  for (const [index, path] of paths.entries()) {
    const others = { hyparquet: await byHyparquet(path), duckdb: await byDuckDb(path) };
    all.push({ ours: await byOurs(path), ...others, pyarrow: pyarrow[index]! });
  }
  return all;
}

describe('four readers: ours, hyparquet, pyarrow and DuckDB', () => {
  it('see the same canonical rows in a shard of odd ones, row by row', async () => {
    const path = join(dir, 'odd.parquet');
    await writeShard(ODD_ROWS, path);
    const [readers] = await byAll([path]);
    expect(Object.keys(readers!)).toHaveLength(4);
    for (const [name, seen] of Object.entries(readers!)) {
      if ('refused' in seen) throw new Error(`${name}: ${seen.refused.slice(0, 300)}`);
      expect(seen.rows).toHaveLength(ODD_ROWS.length);
      ODD_ROWS.forEach((row, index) => {
        if (seen.rows[index] !== canonicalRow(row)) throw new Error(`${name} sees another row ${index}, ${row.id}`);
      });
    }
  });

  it('see the same rows however pyarrow lays them out', async () => {
    const expected = rows.map((row) => canonicalRow(row));
    expect(crafted.same.length).toBeGreaterThan(15);
    const all = await byAll(crafted.same.map(fileOf));
    const lacking: string[] = [];
    for (const [index, readers] of all.entries()) {
      for (const [reader, seen] of Object.entries(readers)) {
        if ('refused' in seen) lacking.push(`${reader}: ${crafted.same[index]}`);
        else if (!isDeepStrictEqual(seen.rows, expected)) {
          throw new Error(`${reader} sees other rows in ${crafted.same[index]}`);
        }
      }
    }
    // What others can't read at all is no other view of it.
    expect(lacking.sort()).toEqual(['duckdb: byte-stream-split', 'hyparquet: codec-lz4']);
  });
});

describe('files that readers see differently', () => {
  it('of other types, with nulls or with other bytes than UTF-8 are refused by ours, each for its reason', async () => {
    const found: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const [kind, reason] of [
      ['schema', 'schema'],
      ['row_invalid', 'row_invalid'],
      ['utf8', 'truncated'],
    ] as const) {
      expect(crafted[kind].length).toBeGreaterThan(10);
      for (const name of crafted[kind]) {
        expected[name] = reason;
        found[name] = await reasonOf(fileOf(name));
      }
    }
    expect(found).toEqual(expected);
  });

  it('that unpack without end are refused as too large, and what is read next is not', async () => {
    expect(crafted.bombs.length).toBeGreaterThan(2);
    for (const name of crafted.bombs) expect([name, await reasonOf(fileOf(name))]).toEqual([name, 'too_large']);
    expect(await reasonOf(join(dir, 'good.parquet'))).toBe('was read');
  });

  it('are not all of our making: other readers do take some of them', async () => {
    const names = [...crafted.schema, ...crafted.row_invalid, ...crafted.utf8];
    const duck = await Promise.all(names.map((name) => byDuckDb(fileOf(name))));
    expect(duck.some((seen) => 'rows' in seen)).toBe(true);
  });
});

async function reasonOf(path: string): Promise<string> {
  try {
    for await (const row of readShard(path)) expect(row).toBeTypeOf('object');
    return 'was read';
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error);
  }
}
