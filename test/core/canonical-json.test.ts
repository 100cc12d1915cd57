import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, parseCanonicalJson } from '../../src/core/canonical-json.ts';

describe('canonicalJson', () => {
  it('sorts members by UTF-16 code units, as the example of RFC 8785, 3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object).sort()).toEqual(Object.values(value).sort());
    // An object would put the key "1" first whatever the text says, so the text itself is looked at.
    expect([...canonicalJson(value).matchAll(/:"([A-Z][a-z]+)/g)].map((match) => match[1])).toEqual([
      'Carriage',
      'One',
      'Control',
      'Latin',
      'Euro',
      'Emoji',
      'Hebrew',
    ]);
  });

  it('escapes strings as RFC 8785, 3.2.2.2 does', () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\"/\u2028')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\"/\u2028"');
  });

  it('writes numbers, literals, lists and nesting without white space', () => {
    expect(canonicalJson({ b: [1, -0, true, null], a: { d: Number.MAX_SAFE_INTEGER, c: [] } })).toBe(
      '{"a":{"c":[],"d":9007199254740991},"b":[1,0,true,null]}',
    );
  });

  it.each([
    ['a fraction', 0.5],
    ['a number beyond 2^53-1', 2 ** 53],
    ['NaN', Number.NaN],
    ['a lone surrogate', 'x\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['undefined', { a: undefined }],
    ['a bigint', 1n],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrowError(expect.objectContaining({ name: 'InvalidInput' }));
  });

  it('names the place of what it refuses', () => {
    expect(() => canonicalJson({ a: [{ b: 0.1 }] })).toThrow('$.a[0].b');
  });

  it('gives the same text whatever order members were set in, and reads back to the same value', () => {
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(null, true, false),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).node;
    fc.assert(
      fc.property(value, (any) => {
        const text = canonicalJson(any);
        expect(canonicalJson(reversed(any))).toBe(text);
        expect(parseCanonicalJson(text)).toEqual(any);
      }),
    );
  });
});

describe('parseCanonicalJson', () => {
  it.each([
    '{"b":1,"a":2}',
    '{ "a":1}',
    '{"a":1,"a":1}',
    '[1.0]',
    '[1e2]',
    '["\\u0041"]',
    '{"a":1}\n',
    '[-0]',
    '[1',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseCanonicalJson(text)).toThrowError(expect.objectContaining({ name: 'InvalidInput' }));
  });

  it('keeps a member called __proto__ a member', () => {
    const text = '{"__proto__":1}';
    expect(canonicalJson(parseCanonicalJson(text))).toBe(text);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, item]) => [key, reversed(item)] as const);
  return Object.fromEntries(members.reverse());
}
