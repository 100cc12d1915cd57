import fc from 'fast-check';
import { leafHash } from '../../src/core/hash/merkle.ts';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import type { DataRecord, Media } from '../../src/core/record.ts';
import { KINDS, NO_METRICS, SOURCES } from '../../src/core/record.ts';
import type { PublishedRow } from '../../src/datasets/dataset-manifest.ts';

/** A row with something in every column; `number` decides its id and place. */
export function sampleRecord(number: number, changes: Partial<DataRecord> = {}): DataRecord {
  const url = `https://docs.example/${String(number).padStart(6, '0')}`;
  return {
    id: `web:${url}`,
    source: 'web',
    kind: number % 3 === 0 ? 'article' : 'page',
    url,
    author: number % 2 === 0 ? 'Ada' : null,
    created_at: number % 4 === 0 ? null : 1_700_000_000_000_000 + number,
    scraped_at: 1_763_000_000_000_001 + number,
    lang: number % 5 === 0 ? null : 'en',
    title: `Page ${number}`,
    text: `Größe, 大きさ and 📏 of part ${number}. `.repeat(1 + (number % 3)),
    tags: number % 2 === 0 ? ['api', `v${number}`] : [],
    parent_id: null,
    conversation_id: null,
    metrics: { ...NO_METRICS, likes: number },
    media: number % 3 === 0 ? [sampleMedia(number)] : [],
    fetch: { url, status: 200, body_sha256: 'ab'.repeat(32), extractor: 'readability-0.6.0' },
    extra: number % 7 === 0 ? '{"depth":1}' : null,
    ...changes,
  };
}

function sampleMedia(number: number): Media {
  return {
    url: `https://docs.example/${number}.png`,
    kind: 'image',
    mime: 'image/png',
    bytes: number,
    sha256: 'cd'.repeat(32),
    width: 640,
    height: null,
    duration_ms: null,
    phash: '0123456789abcdef',
  };
}

export function sampleRecords(count: number): DataRecord[] {
  return Array.from({ length: count }, (_, number) => sampleRecord(number));
}

/** The row as a dataset publishes it, said to be from the first or the second commit. */
export function published(row: DataRecord, commit = 0): PublishedRow {
  return { ...row, leaf: Buffer.from(leafHash(canonicalRow(row))).toString('hex'), commit };
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((value) => value.normalize('NFC'));
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const count = fc
  .oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER))
  .map(plain);
const int32 = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }).map(plain);
const hex = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((all) => all.join(''));

/** Any row that the format allows, with a native id that many have. */
export const anyRecord: fc.Arbitrary<DataRecord> = fc
  .record({
    native: text,
    source: fc.constantFrom(...SOURCES),
    kind: fc.constantFrom(...KINDS),
    url: text.map((path) => `https://a.example/${path}`),
    author: optional(text),
    created_at: optional(count),
    scraped_at: count,
    lang: optional(fc.constantFrom('en', 'de', 'zh-Hant')),
    title: optional(text),
    text: optional(text),
    tags: fc.array(text, { maxLength: 3 }),
    parent_id: optional(text),
    conversation_id: optional(text),
    metrics: fc.record({
      likes: optional(count),
      replies: optional(count),
      reposts: optional(count),
      quotes: optional(count),
      views: optional(count),
      bookmarks: optional(count),
    }),
    media: fc.array(
      fc.record({
        url: text,
        kind: text,
        mime: text,
        bytes: optional(count),
        sha256: optional(hex(64)),
        width: optional(int32),
        height: optional(int32),
        duration_ms: optional(count),
        phash: optional(hex(16)),
      }),
      { maxLength: 2 },
    ),
    fetch: fc.record({ url: text, status: int32, body_sha256: hex(64), extractor: text }),
    extra: optional(text.map((value) => JSON.stringify({ value }))),
  })
  .map(({ native, ...row }) => ({ id: `${row.source}:${native}`, ...row }));

/** -0 has no place in canonical JSON: it is written 0. */
function plain(number: number): number {
  return number === 0 ? 0 : number;
}
