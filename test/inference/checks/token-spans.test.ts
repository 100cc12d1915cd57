import { describe, expect, it } from 'vitest';
import { spansOf, suffixSpans } from '../../../src/inference/checks/token-spans.ts';

const PIECE = '\u{FFFD}';

describe('where tokens stand', () => {
  it('is where they join to the text', () => {
    expect(spansOf(['a', ' be', '', 'c'], 'a bec')).toEqual([
      { start: 0, end: 1 },
      { start: 1, end: 4 },
      { start: 4, end: 4 },
      { start: 4, end: 5 },
    ]);
  });

  it('is nowhere where they do not', () => {
    expect(spansOf(['a', 'b'], 'abc')).toBeNull();
    expect(spansOf(['xa', 'b'], 'ab')).toBeNull();
    expect(spansOf(['a', 'b', 'c'], 'ab')).toBeNull();
    expect(spansOf(['a', PIECE], 'ab')).toBeNull();
    expect(spansOf([], 'ab')).toBeNull();
  });

  it.each([
    ['an emoji in four pieces', ['see ', PIECE, PIECE, PIECE, PIECE, '!'], 'see 🦀!'],
    ['pieces that stand for nothing till the last', ['see ', '', '', '🦀', '!'], 'see 🦀!'],
    ['a piece with what follows', ['é', `${PIECE} of`, ' x'], 'éß of x'],
    ['rows of them', Array<string>(12).fill(PIECE), '日本語話す人'],
    ['a replacement character of the text itself', ['a', PIECE, 'b'], `a${PIECE}b`],
    ['one that looks like two', ['日', PIECE, PIECE, '日'], '日日日'],
  ])('is found with %s', (_, tokens, text) => {
    const spans = spansOf(tokens, text);
    expect(spans?.[0]?.start).toBe(0);
    expect(spans?.at(-1)?.end).toBe(text.length);
    const parts = spans?.map(({ start, end }) => text.slice(start, end)) ?? [];
    expect(parts.join('')).toBe(text);
    // Every token that is no piece stands for itself.
    tokens.forEach((token, index) => token.includes(PIECE) || expect(parts[index]).toBe(token));
  });

  it('gives up where pieces are too many to follow', () => {
    expect(spansOf([...Array<string>(6000).fill(PIECE), 'x'], '日'.repeat(6000))).toBeNull();
  });
});

describe('the end of a longer text', () => {
  it('begins where the answer does, with or without what reaches in', () => {
    expect(suffixSpans(['user', ':', ' an', ' answer'], ' an answer')).toMatchObject({ from: 2 });
    expect(suffixSpans(['assistant: a', 'n answer'], 'an answer')).toEqual({
      from: 0,
      spans: [
        { start: 0, end: 1 },
        { start: 1, end: 9 },
      ],
    });
    expect(suffixSpans(['user', ':', PIECE, PIECE, 'ab'], 'éab')).toMatchObject({ from: 2 });
    expect(suffixSpans(['user', ': other'], 'answer')).toBeNull();
  });
});
