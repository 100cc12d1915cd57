import { describe, expect, it } from 'vitest';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { sampleRecord } from '../datasets/records.ts';

describe('canonicalRow', () => {
  it('holds every column, nulls explicit and extra as text', () => {
    const row = sampleRecord(7);
    const text = canonicalRow(row);
    expect(JSON.parse(text)).toEqual(row);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(RECORD_COLUMNS.map(({ name }) => name).sort());
    expect(text).toContain('"parent_id":null');
    expect(text).toContain('"extra":"{\\"depth\\":1}"');
  });

  it.each<[string, Partial<Record<keyof DataRecord | 'more', unknown>>]>([
    ['a surplus column', { more: 1 }],
    ['an undefined column', { author: undefined }],
    ['an id of another source', { id: 'x:1' }],
    ['an unknown source', { id: 'gopher:1', source: 'gopher' }],
    ['an unknown kind', { kind: 'rumour' }],
    ['no url', { url: '' }],
    ['no scraped_at', { scraped_at: null }],
    ['a fraction of a microsecond', { scraped_at: 0.5 }],
    ['a tag that is not text', { tags: [1] }],
    ['tags that are null', { tags: null }],
    ['a title that is not text', { title: 5 }],
    ['a digest in upper case', { fetch: { ...sampleRecord(1).fetch, body_sha256: 'AB'.repeat(32) } }],
    ['a lone surrogate', { text: '\ud800' }],
  ])('refuses %s', (_, changes) => {
    const row = { ...sampleRecord(1), ...changes } as DataRecord;
    expect(() => canonicalRow(row)).toThrowError(expect.objectContaining({ name: 'InvalidInput' }));
  });

  it('refuses a missing column', () => {
    const row: Partial<DataRecord> = sampleRecord(1);
    delete row.lang;
    expect(() => canonicalRow(row as DataRecord)).toThrow('no column');
  });
});
