import { describe, expect, it } from 'vitest';
import { recordKey } from '../../src/dedup/identities.ts';
import { canonicalizeUrl } from '../../src/scrapers/web/canonical-url.ts';
import { sampleRecord } from '../datasets/records.ts';
import { textOf, useValidators } from './validator.ts';

/* Attack 15: one page under many addresses. */
const newValidator = useValidators();

const PAGE = 'https://docs.example/guide/start';
const TEXT = textOf('the guide');

const ALIASES = [
  'HTTPS://docs.example/guide/start',
  'https://DOCS.EXAMPLE/guide/start',
  'https://docs.example:443/guide/start',
  'https://docs.example/guide/start#install',
  'https://docs.example/guide/start#',
  'https://docs.example/guide/./start',
  'https://docs.example/other/../guide/start',
  'https://docs.example/guide/%73tart',
  'https://docs.example/%67uide/%2E/st%61rt?%75tm_source=x',
  'https://docs.example/guide/start?msclkid=x',
  'https://docs.example/guide/start?utm_source=a',
  'https://docs.example/guide/start?utm_campaign=b&utm_medium=c',
  'https://docs.example/guide/start?fbclid=x',
  'https://docs.example/guide/start?gclid=x',
  'https://docs.example/guide/start?',
  'https://user@docs.example/guide/start',
  'https://docs.example/guide/start?utm_id=9#top',
  'https://docs.example\\guide\\start',
  'https:docs.example/guide/start',
  ' https://docs.example/guide/start ',
  'https://docs.example/guide/sta\nrt',
  'https://docs.example./guide/start',
];

describe('addresses of one page', () => {
  it.each(ALIASES)('%j has the key of the page or none', (alias) => {
    const canonical = canonicalizeUrl(alias);
    if (canonical !== null) expect(recordKey(`web:${canonical}`)).toEqual(recordKey(`web:${PAGE}`));
  });

  it('as ids of rows are refused, so that only one of them is ever paid', async () => {
    const validator = await newValidator();
    const row = (url: string) =>
      sampleRecord(0, { id: `web:${url}`, url, text: TEXT, media: [], fetch: { ...sampleRecord(0).fetch, url } });
    await validator.take({ hotkey: '5First', block: 10 }, [row(PAGE)]);
    const aliases = [...new Set(ALIASES)].filter((url) => url === url.trim() && !url.includes('\n'));
    const rows = await validator.rows(await validator.take({ hotkey: '5Second', block: 11 }, aliases.map(row)));
    expect(rows).toHaveLength(aliases.length);
    for (const { owned, unpaid } of rows) {
      expect(owned).toBe(false);
      expect(unpaid).not.toBeNull();
    }
  });

  it('made by a parameter that the site ignores pay once: their text is one', async () => {
    const validator = await newValidator();
    const rows = Array.from({ length: 20 }, (_, number) => {
      const url = `${PAGE}?a=${number}`;
      return sampleRecord(number, { id: `web:${url}`, url, text: TEXT, media: [] });
    });
    const judged = await validator.rows(await validator.take({ hotkey: '5First', block: 10 }, rows));
    expect(judged.filter(({ unpaid }) => unpaid === null)).toHaveLength(1);
    expect(judged.filter(({ unpaid }) => unpaid === 'duplicate_text')).toHaveLength(19);
  });
});

describe('a page that changes', () => {
  it('is owned anew after 30 days only, and only where its text is another', async () => {
    const validator = await newValidator();
    const at = (block: number, text: string) => {
      const row = sampleRecord(1, { id: `web:${PAGE}`, url: PAGE, text, media: [] });
      return validator.take({ hotkey: `5At${String(block).replaceAll('0', 'x')}`, block }, [row]);
    };
    const commits = [
      await at(10, TEXT),
      await at(1_000, textOf('something else')),
      await at(10 + 216_000, TEXT),
      await at(11 + 216_000, textOf('a third thing')),
      await at(12 + 216_000, textOf('a fourth thing')),
      // Back and forth between two texts earns nothing.
      await at(12 + 2 * 216_000, TEXT),
    ];
    const owned: boolean[] = [];
    for (const commit of commits) owned.push((await validator.rows(commit))[0]?.owned === true);
    expect(owned).toEqual([true, false, false, true, false, false]);
  });
});
