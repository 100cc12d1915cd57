import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordKey, textKey } from '../../src/dedup/identities.ts';
import { skeleton } from '../../src/dedup/skeleton.ts';

const LONG =
  'A subnet pays for data that nobody else had before, and copies are worth nothing at all to it. Prices: 10 or 11.';

describe('recordKey', () => {
  it('is the first half of SHA-256 over the id', () => {
    const digest = createHash('sha256').update('web:https://a.example/').digest('hex');
    expect(recordKey('web:https://a.example/').toString('hex')).toBe(digest.slice(0, 32));
  });

  it('tells ids apart that only look alike', () => {
    expect(recordKey('x:1')).not.toEqual(recordKey('x:\u0661'));
  });
});

describe('textKey', () => {
  it.each<[string, string]>([
    ['upper case', LONG.toUpperCase()],
    ['other white space', LONG.replaceAll(' ', ' \n\t\u00a0\u3000')],
    ['no white space', LONG.replaceAll(' ', '')],
    ['invisible characters', LONG.replaceAll('a', 'a\u200b\u00ad\u2060\ufe0f')],
    ['tag characters', LONG.replaceAll('e', 'e\u{e0065}')],
    ['emoji', `🚀 ${LONG} 👩‍👩‍👧‍👦🏽 🇨🇭`],
    ['a link', `${LONG} https://spam.example/?utm_source=1`],
    ['a link without a scheme', `www.spam.example ${LONG}`],
    ['a full-width link', `${LONG} ｈｔｔｐｓ：／／spam.example/x`],
    ['Cyrillic look-alikes', LONG.replaceAll('a', 'а').replaceAll('o', 'о').replaceAll('e', 'е')],
    ['Greek look-alikes', LONG.replaceAll('o', 'ο').replaceAll('A', 'Α')],
    ['mathematical letters', LONG.replaceAll('s', '𝐬').replaceAll('t', '𝓽')],
    ['full-width letters', LONG.replaceAll('b', 'ｂ').replaceAll('D', 'Ｄ')],
    ['digits for letters', LONG.replaceAll('o', '0').replaceAll('l', '1')],
    ['composed for decomposed letters', `${LONG} e\u0301`.normalize('NFD')],
    ['controls', LONG.replaceAll('n', 'n\u0007')],
    ['code points that no one has assigned', LONG.replaceAll('n', 'n\u0378\u{1fffe}')],
  ])('is the same for %s', (name, variant) => {
    const original = name.startsWith('composed') ? `${LONG} é` : LONG;
    expect(variant).not.toBe(original);
    expect(textKey(variant)).toEqual(textKey(original));
  });

  it.each<[string, string]>([
    ['a word less', LONG.replace('nobody ', '')],
    ['another digit', LONG.replace('10 or', '20 or')],
    ['another word order', LONG.replace('data that', 'that data')],
    ['another punctuation mark', LONG.replace('.', '?')],
  ])('is another for %s', (_, variant) => {
    expect(textKey(variant)).not.toEqual(textKey(LONG));
  });

  it('is 16 bytes over the skeleton', () => {
    const digest = createHash('sha256').update(skeleton(LONG)).digest();
    expect(textKey(LONG)).toEqual(digest.subarray(0, 16));
  });

  it('is null below 64 code points of skeleton, counted as code points', () => {
    expect(textKey('x'.repeat(63))).toBeNull();
    expect(textKey('x'.repeat(64))).not.toBeNull();
    expect(textKey('𠀀'.repeat(63))).toBeNull();
    expect(textKey('𠀀'.repeat(64))).not.toBeNull();
    expect(textKey(`gm https://a.example/${'long'.repeat(100)}`)).toBeNull();
    expect(textKey('🚀'.repeat(200))).toBeNull();
    expect(textKey('')).toBeNull();
  });

  it('keeps texts in any script', () => {
    for (const text of ['данные из сети', 'データパイプライン', 'بيانات', '데이터 수집', 'δεδομένα']) {
      expect(Array.from(skeleton(text)).length).toBeGreaterThan(3);
    }
  });
});

describe('skeleton', () => {
  it('of a skeleton is itself, as long as no link comes together in it', () => {
    const text = fc
      .string({ unit: 'binary' })
      .filter((value) => value.isWellFormed() && !/[/.]/u.test(value.normalize('NFKC')));
    fc.assert(
      fc.property(text, (value) => {
        expect(skeleton(skeleton(value))).toBe(skeleton(value));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what stands after a link', () => {
    expect(skeleton('see https://a.example/x, and more')).toBe(skeleton('see and more'));
  });
});
