import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readParquet } from '../../src/datasets/parquet-reader.ts';
import type { ReadPart } from '../../src/datasets/parquet-reader.ts';
import { BATCH_ROWS, RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { sampleRecord } from './records.ts';
import { tempDir } from './temp-dir.ts';

const path = join(tempDir(), 'three-groups.parquet');
const COUNT = 2 * BATCH_ROWS + 10;
const NAMES = ['id', 'lang', 'metrics'] as const;

beforeAll(async () => {
  const row = sampleRecord(1, { media: [], text: null });
  await writeParquet(
    path,
    RECORD_COLUMNS,
    Array.from({ length: COUNT }, (_, at) => ({ ...row, id: `web:${at}` })),
  );
}, 60_000);

async function read(part: ReadPart): Promise<Record<string, unknown>[]> {
  const rows = [];
  for await (const row of readParquet(path, RECORD_COLUMNS, part)) rows.push(row);
  return rows;
}

describe('a part of a file', () => {
  it('is some columns of all rows', async () => {
    const rows = await read({ only: NAMES });
    expect(rows).toHaveLength(COUNT);
    const { lang, metrics } = sampleRecord(1);
    expect(rows.at(-1)).toEqual({ id: `web:${COUNT - 1}`, lang, metrics });
  });

  it.each([
    ['the first row', 0, 1],
    ['across the border of two row groups', BATCH_ROWS - 2, BATCH_ROWS + 3],
    ['within the last row group', 2 * BATCH_ROWS + 4, 2 * BATCH_ROWS + 6],
    ['to beyond the end', COUNT - 2, COUNT + 100],
    ['none', 5, 5],
  ])('is %s', async (_, start, end) => {
    const ids = (await read({ only: ['id'], rows: { start, end } })).map(({ id }) => id);
    const expected = Array.from({ length: Math.min(end, COUNT) - start }, (__, at) => `web:${start + at}`);
    expect(ids).toEqual(expected);
  });
});
