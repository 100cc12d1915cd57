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
    { text: 'x'.repeat(2_000_000), title: '大'.repeat(70_000) },
    // A byte order mark is text like any other; readers like to drop it where a value begins.
    { text: '\ufeffbegins', title: '\ufeff', author: '\ufeff\ufeff', lang: '\ufeffen', tags: ['\ufeff', '\ufefftag'] },
    { id: 'web:\ufeffhttps://docs.example/', url: '\ufeffhttps://docs.example/' },
    { id: 'web:a\u0000b', url: '\u0000', lang: '\u0000', tags: ['\u0000', 'a\u0000', ''] },
    // Marks that no letter takes up, in NFC; and more of them than anyone reads.
    { text: `q\u0301 ${'\u0300\u0323'.normalize('NFC')}`, title: `o${'\u0338'.repeat(500)}` },
    {
      text: '\u0645\u0631\u062d\u0628\u0627 \u202b\u05e2\u05d1\u05e8\u05d9\u05ea\u202c \u2066abc\u2069',
      author: '\u200f',
    },
    { text: '\uffff\ufffe\u{1fffe}\u{10fffd}', title: '\u{1f1e9}\u{1f1ea}\u{1f3f4}\u{e0067}\u{e007f}' },
    { text: '\r\n\t"\\\u001f\u007f\u0085', title: ' ' },
    { text: 'NULL', title: 'None', author: '\\N', lang: 'nan', parent_id: '', conversation_id: '-0' },
    { created_at: -0, metrics: { ...NO_METRICS, likes: -0, views: -1 } },
    { created_at: -1_000_001, scraped_at: 999_999 },
    { tags: Array.from({ length: 5000 }, (_, number) => `tag ${number}`) },
    { media: Array.from({ length: 300 }, () => ({ ...sampleRecord(0).media[0]!, mime: '', url: '' })), tags: [''] },
    { extra: '{"10":1,"9":2,"__proto__":{"constructor":""},"\u20ac":"\u{1f600}"}' },
    { extra: '""', lang: 'x'.repeat(100_000) },
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
  ['minus zero in extra', { extra: '{"a":-0}' }],
  ['an exponent in extra', { extra: '{"a":1e2}' }],
  ['keys of extra in another order', { extra: '{"b":1,"a":2}' }],
  ['an integer beyond 2^53 in extra', { extra: '{"a":9007199254740993}' }],
  ['not a number in extra', { extra: '{"a":NaN}' }],
  ['a lone surrogate in extra', { extra: '"\\ud800"' }],
  ['a byte order mark before extra', { extra: '\ufeff{}' }],
  ['extra nested to a depth that breaks parsers', { extra: `${'['.repeat(5000)}${']'.repeat(5000)}` }],
  ['half a pair of surrogates at the end', { title: 'a\ud83d' }],
  ['letters of Hangul taken apart', { title: '\u1112\u1161\u11ab' }],
  ['infinity', { scraped_at: Infinity }],
  ['an integer of another kind', { created_at: 1n }],
  ['a digest in upper case', { fetch: { ...sampleRecord(0).fetch, body_sha256: 'AB'.repeat(32) } }],
  ['a column missing', { media: undefined }],
];
