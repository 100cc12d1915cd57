import type { DataRecord } from '../../src/core/record.ts';
import { NO_METRICS } from '../../src/core/record.ts';
import { sortRows } from '../../src/datasets/row-order.ts';
import { sampleRecord } from './records.ts';

const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number;

/** Rows that readers like to see in different ways; all of them are valid. In shard order. */
export const ODD_ROWS: DataRecord[] = sortRows(
  [
    { text: '', title: '' },
    { text: null, title: null },
    { text: '\u0000', title: 'a\u0000b' },
    { text: '\u2028\u2029\ufeff', title: '\ufffd' },
    { text: '\u{10ffff}\u{1f468}\u200d\u{1f469}', author: '\u202etxet' },
    { created_at: 0, scraped_at: 0 },
    { created_at: -1, scraped_at: 1 },
    { created_at: -9_000_000_000_000_001, scraped_at: 9_000_000_000_000_001 },
    { created_at: most, scraped_at: least },
    { metrics: { ...NO_METRICS, likes: most, views: least, replies: 0 } },
    { tags: ['', '', 'null', 'NaN'], lang: '' },
    { tags: [], lang: 'null' },
    { media: [{ ...sampleRecord(0).media[0]!, bytes: most, sha256: null, width: 2 ** 31 - 1, phash: null }] },
    { extra: '{"a":9007199254740991,"b":"\\u0001","c":[],"d":null}' },
    { extra: 'null' },
    { fetch: { ...sampleRecord(0).fetch, url: '', status: -1, extractor: '' } },
    { text: 'x'.repeat(200_000) },
  ].map((changes, number) => ({ ...sampleRecord(number), ...changes })),
);

/** Changes to a row that make it none: two readers could see two rows in it. */
export const REFUSED: [string, Record<string, unknown>][] = [
  ['an integer beyond 2^53', { scraped_at: 2 ** 53 }],
  ['half a microsecond', { scraped_at: 0.5 }],
  ['not a number', { created_at: NaN }],
  ['a lone surrogate', { text: '\ud800' }],
  ['a lone surrogate in a tag', { tags: ['\udfff'] }],
  ['text that is not NFC', { text: 'e\u0301' }],
  ['a key twice in extra', { extra: '{"a":1,"a":2}' }],
  ['white space in extra', { extra: '{"a": 1}' }],
  ['another spelling of a number in extra', { extra: '{"a":1.0}' }],
  ['a float in extra', { extra: '{"a":1.5}' }],
  ['a digest in upper case', { fetch: { ...sampleRecord(0).fetch, body_sha256: 'AB'.repeat(32) } }],
  ['a column missing', { media: undefined }],
];
