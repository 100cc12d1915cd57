import { describe, expect, it } from 'vitest';
import { isSuspicious, signsOf } from '../../src/scoring/signs.ts';
import type { SignedRow } from '../../src/scoring/signs.ts';

const rows = (count: number, change: (at: number) => Partial<SignedRow> = () => ({})): SignedRow[] =>
  Array.from({ length: count }, (_, at) => {
    return { author: `author ${at}`, title: `Title ${at}`, text: `Text ${at}`, textKey: `key ${at}`, ...change(at) };
  });
const shareOf = (all: readonly SignedRow[], name: string): number | undefined =>
  signsOf(all).find(({ sign }) => sign === name)?.share_ppm;

describe('signs', () => {
  it('are none of rows that differ, or that are few', () => {
    expect(isSuspicious(signsOf(rows(100)))).toBe(false);
    expect(signsOf(rows(29, () => ({ text: '', title: null, author: 'one', textKey: 'one' })))).toEqual([]);
    expect(signsOf([])).toEqual([]);
  });

  it.each<[string, number, (at: number) => Partial<SignedRow>]>([
    ['repeated_text', 20_000, (at) => ({ textKey: `key ${at % 98}` })],
    ['empty_text', 110_000, (at) => ({ text: at < 11 ? ' ' : 'text' })],
    ['no_title', 510_000, (at) => ({ title: at < 51 ? null : 'Title' })],
    ['one_author', 910_000, (at) => ({ author: at < 91 ? 'one' : `author ${at}` })],
  ])('%s', (name, expected, change) => {
    const all = rows(100, change);
    expect(shareOf(all, name)).toBe(expected);
    expect(
      signsOf(all)
        .filter(({ share_ppm, limit_ppm }) => share_ppm > limit_ppm)
        .map(({ sign }) => sign),
    ).toEqual([name]);
  });

  it('count no text twice that is too short to have a key, and nobody as no author', () => {
    const all = rows(100, () => ({ textKey: null, author: null }));
    expect(shareOf(all, 'repeated_text')).toBe(0);
    expect(shareOf(all, 'one_author')).toBe(0);
  });
});
