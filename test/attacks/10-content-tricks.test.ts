import { describe, expect, it } from 'vitest';
import type { Media } from '../../src/core/record.ts';
import { sampleRecord } from '../datasets/records.ts';
import { textOf, useValidators } from './validator.ts';

/* Attack 10: a copy whose letters, spaces, emoji, links or picture were changed unseen, under an id of its own; and owning "gm". */
const newValidator = useValidators();

const FIRST = { hotkey: '5First', block: 10 };
const COPIER = { hotkey: '5Copier', block: 11 };
const TEXT = textOf('the harbour');

function picture(sha256: string): Media {
  const size = { bytes: 9, width: 8, height: 8, duration_ms: null, phash: null };
  return { url: 'https://docs.example/a.png', kind: 'image', mime: 'image/png', sha256, ...size };
}

async function unpaid(
  original: Partial<Parameters<typeof sampleRecord>[1]>,
  copy: typeof original,
): Promise<string | null> {
  const validator = await newValidator();
  await validator.take(FIRST, [sampleRecord(1, { media: [], ...original })]);
  const commit = await validator.take(COPIER, [sampleRecord(2, { media: [], ...copy })]);
  const [row] = await validator.rows(commit);
  expect(row?.owned).toBe(true); // included: another id
  return row?.unpaid ?? null;
}

describe('a text that was copied', () => {
  it.each<[string, string]>([
    ['as it is', TEXT],
    ['with Cyrillic letters', TEXT.replaceAll('a', '\u0430').replaceAll('o', '\u043e')],
    ['with zero-width characters', TEXT.replaceAll('e', 'e\u200b\u2060')],
    ['with emoji', `\u{1f680} ${TEXT} \u{1f525}`],
    ['in capitals', TEXT.toUpperCase()],
    ['with a link after it', `${TEXT} https://spam.example/?x=1`],
    ['in mathematical letters', TEXT.replaceAll('s', '\u{1d42c}')],
  ])('%s is not paid', async (_, copy) => {
    expect(await unpaid({ text: TEXT }, { text: copy })).toBe('duplicate_text');
  });

  it('is not paid beside another picture', async () => {
    const [own, changed] = [picture('ab'.repeat(32)), picture('cd'.repeat(32))];
    expect(await unpaid({ text: TEXT, media: [own] }, { text: TEXT, media: [changed] })).toBe('duplicate_text');
  });

  it('is not paid twice within one commit', async () => {
    const validator = await newValidator();
    const twice = [1, 2].map((number) => sampleRecord(number, { text: TEXT, media: [] }));
    const rows = await validator.rows(await validator.take(FIRST, twice));
    expect(rows.map((row) => row.unpaid)).toEqual([null, 'duplicate_text']);
  });
});

describe('a picture with few words', () => {
  it('is not paid to whoever posts the same file again', async () => {
    const media = [picture('ab'.repeat(32))];
    expect(await unpaid({ text: 'look', media }, { text: 'see', media })).toBe('duplicate_media');
    expect(await unpaid({ text: 'look', media }, { text: 'look', media: [picture('cd'.repeat(32))] })).toBeNull();
  });
});

describe('"gm"', () => {
  it("is nobody's: two honest posts of it are both included and paid", async () => {
    expect(await unpaid({ text: 'gm' }, { text: 'gm' })).toBeNull();
    expect(await unpaid({ text: null }, { text: null })).toBeNull();
  });
});
