import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { NO_METRICS } from '../../src/core/record.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { sampleRecord } from '../datasets/records.ts';

/** What writes rows as a Parquet file and reads them back. */
export interface ParquetFormat {
  write(path: string, rows: readonly DataRecord[]): Promise<unknown>;
  read(path: string): Promise<DataRecord[]>;
}

const image = {
  ...{ url: 'https://docs.example/a.png', kind: 'image', mime: 'image/png', bytes: 5, sha256: 'ab'.repeat(32) },
  ...{ width: 2, height: 1, duration_ms: null, phash: null },
};
/** Without lists, and with times of whole milliseconds: those are cases of their own. */
const record = (number: number, changes: Partial<DataRecord> = {}): DataRecord =>
  sampleRecord(number, { scraped_at: MS, created_at: MS, media: [], tags: [], ...changes });
const MS = 1_763_000_000_123_000;

/** Rows that must come back as they were, by what is odd about them. */
const CASES: Readonly<Record<string, readonly DataRecord[]>> = {
  'plain rows': Array.from({ length: 20 }, (_, number) => record(number)),
  'nulls where they may be': [
    record(1, { author: null, created_at: null, lang: null, title: null, text: null, extra: null }),
  ],
  'empty text beside null': [record(1, { text: '', title: null })],
  'lists with items': [record(1, { tags: ['a', 'b', ''], media: [image, image] })],
  'empty lists between full ones': [
    record(1, { tags: ['a'], media: [image] }),
    record(2),
    record(3, { tags: ['b', 'c'], media: [image] }),
  ],
  'text of every plane': [record(1, { text: 'é\u0301 \ud83d\ude00 \u202e\u0000 中文' })],
  'times to the microsecond': [record(1, { created_at: 1_763_000_000_123_457 })],
  'integers up to 2^53 - 1': [record(1, { metrics: { ...NO_METRICS, views: Number.MAX_SAFE_INTEGER, likes: 0 } })],
};

/**
 * What every Parquet format must do.
 * @param cannot cases that it is known to get wrong: the suite shows that it does
 */
export function parquetContract(name: string, format: ParquetFormat, cannot: readonly string[] = []): void {
  describe(name, () => {
    const dir = mkdtempSync(join(tmpdir(), 'seine-parquet-'));
    const path = join(dir, 'file.parquet');
    afterAll(() => rmSync(dir, { recursive: true, force: true }));

    it.each(cannot)('has a case "%s"', (known) => {
      expect([...Object.keys(CASES), SAME_BYTES]).toContain(known);
    });

    for (const [what, rows] of Object.entries(CASES)) {
      (cannot.includes(what) ? it.fails : it)(`gives back ${what}`, async () => {
        await format.write(path, rows);
        expect((await format.read(path)).map((row) => canonicalRow(row))).toEqual(rows.map((row) => canonicalRow(row)));
      });
    }

    (cannot.includes(SAME_BYTES) ? it.fails : it)('gives the same bytes for the same rows', async () => {
      const rows = CASES['plain rows'] ?? [];
      await format.write(path, rows);
      const first = readFileSync(path);
      await format.write(path, rows);
      expect(readFileSync(path).equals(first)).toBe(true);
    });
  });
}

const SAME_BYTES = 'the same bytes';
