import { describe, expect, it } from 'vitest';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { extractPage } from '../../src/scrapers/web/extract-page.ts';
import type { ExtractedPage } from '../../src/scrapers/web/extract-page.ts';
import { parseInstant } from '../../src/scrapers/web/page-facts.ts';

const URL = 'https://example.org/docs/page?utm_source=x';
const SENTENCE =
  'The quick brown fox jumps over the lazy dog, and the dog, being lazy, lets it happen again and again. ';
const PROSE = `<p>${SENTENCE.repeat(4)}</p><p>${SENTENCE.repeat(3)}</p>`;

function extract(
  html: string | Uint8Array,
  more: { headers?: Record<string, string>; url?: string; status?: number } = {},
): ExtractedPage {
  const url = more.url ?? URL;
  return extractPage({
    requestedUrl: url,
    url,
    status: more.status ?? 200,
    headers: { 'content-type': 'text/html', ...more.headers },
    body: typeof html === 'string' ? new TextEncoder().encode(html) : html,
    scrapedAt: 1_700_000_000_000_000,
    byBrowser: false,
  });
}

const page = (body: string, head = ''): string =>
  `<!doctype html><html><head><title>A  title</title>${head}</head><body>${body}</body></html>`;

describe('extractPage', () => {
  it('makes a row that has a canonical form, with what the page states', () => {
    const head = `<meta name="author" content="Ann Author"><meta property="article:published_time" content="2024-05-06T07:08:09+02:00">
      <meta property="og:type" content="article"><meta name="keywords" content="one, two,one">`;
    const { record } = extract(
      page(
        `<nav><a href="/">Home</a></nav><article>${PROSE}<img src="/a.png"><img src="data:image/png;base64,xx"></article>`,
        head,
      ),
    );
    expect(record).toMatchObject({
      id: 'web:https://example.org/docs/page',
      kind: 'article',
      url: 'https://example.org/docs/page',
      author: 'Ann Author',
      created_at: Date.UTC(2024, 4, 6, 5, 8, 9) * 1000,
      lang: 'en',
      title: 'A title',
      tags: ['one', 'two'],
      media: [{ url: 'https://example.org/a.png', kind: 'image', mime: 'image/png', bytes: null, sha256: null }],
      fetch: { url: URL, status: 200, extractor: 'web-2' },
    });
    expect(record?.text).toBe(`${SENTENCE.repeat(4).trim()}\n\n${SENTENCE.repeat(3).trim()}`);
    expect(record === null ? '' : canonicalRow(record)).toContain('"id":"web:https://example.org/docs/page"');
  });

  it('states nothing that the page does not', () => {
    const { record } = extract(page(PROSE));
    expect(record).toMatchObject({ author: null, created_at: null, kind: 'page', tags: [], media: [] });
  });

  it('reads JSON-LD, and passes over what is broken', () => {
    const ld = (json: string): string => `<script type="application/ld+json">${json}</script>`;
    const article = { '@graph': [{ '@type': ['BlogPosting'], author: [{ name: 'Bo' }], datePublished: '2023-01-02' }] };
    const { record, needsBrowser } = extract(page(PROSE, ld('{broken') + ld(JSON.stringify(article))));
    expect(record).toMatchObject({ author: 'Bo', kind: 'article', created_at: Date.UTC(2023, 0, 2) * 1000 });
    expect(needsBrowser).toBe(false);
  });

  it('gives the same text for the same bytes, in NFC, whatever the markup', () => {
    const html = page(
      `<main><h1>Cafe\u0301</h1>${PROSE}<pre>a\n  b</pre><ul><li>x<li>y</ul></main><p a"b=1><od"d>${SENTENCE}</p>`,
    );
    const [first, second] = [extract(html), extract(html)];
    expect(first).toEqual(second);
    expect(first.record?.text).toContain('a\n  b');
    expect(first.record?.text).toContain('x\ny');
    expect(first.record?.text).not.toMatch(/<|e\u0301/);
  });

  it('decodes by header, document and mark', () => {
    const latin = Buffer.from(page(`<p>caf\u00e9 ${SENTENCE.repeat(5)}</p>`), 'latin1');
    expect(extract(latin, { headers: { 'content-type': 'text/html; charset=iso-8859-1' } }).record?.text).toContain(
      'café',
    );
    const meta = Buffer.from(page(`<p>caf\u00e9 ${SENTENCE.repeat(5)}</p>`, '<meta charset="windows-1252">'), 'latin1');
    expect(extract(meta).record?.text).toContain('café');
    const utf16 = Buffer.from(`\ufeff${page(`<p>café ${SENTENCE.repeat(5)}</p>`)}`, 'utf16le');
    expect(extract(utf16).record?.text).toContain('café');
  });

  it('finds canonical links once each, and no nofollow ones', () => {
    const links =
      '<a href="b?gclid=1#x">b</a><a href="b">b</a><a rel="nofollow" href="/no">n</a><a href="mailto:x">m</a>';
    expect(extract(page(links + PROSE)).links).toEqual(['https://example.org/docs/b']);
    expect(extract(page(links, '<base href="/other/">')).links).toEqual(['https://example.org/other/b']);
  });

  it('keeps nothing where the page asks for that', () => {
    expect(extract(page(PROSE, '<meta name="robots" content="noindex">'))).toMatchObject({
      record: null,
      isNoindex: true,
    });
    expect(extract(page(PROSE), { headers: { 'x-robots-tag': 'noindex' } }).record).toBeNull();
    expect(extract(page(`<a href="/x">x</a>${PROSE}`, '<meta name="robots" content="nofollow">')).links).toEqual([]);
  });

  it('leads to the canonical place of a page instead of making a row elsewhere, within the site only', () => {
    const named = (href: string): ExtractedPage => extract(page(PROSE, `<link rel="canonical" href="${href}">`));
    expect(named('/docs/other')).toMatchObject({ record: null, links: ['https://example.org/docs/other'] });
    expect(named('/docs/page').record?.id).toBe('web:https://example.org/docs/page');
    expect(named('https://elsewhere.net/page').record?.id).toBe('web:https://example.org/docs/page');
  });

  it('sends pages without text to a browser when they have scripts', () => {
    expect(extract(page('<div id="app"></div><script src="/app.js"></script>')).needsBrowser).toBe(true);
    expect(extract(page('<div id="app"></div>')).needsBrowser).toBe(false);
    expect(extract(page(`${PROSE}<script>track()</script>`)).needsBrowser).toBe(false);
  });

  it('makes no row of errors, empty pages, and trees too deep or too large to be pages', () => {
    expect(extract(page(PROSE), { status: 404 }).record).toBeNull();
    expect(extract('').record).toBeNull();
    expect(extract('<div>'.repeat(5000) + PROSE).record).toBeNull();
    expect(extract(page('<i>x</i>'.repeat(70_000))).record).toBeNull();
  });
});

describe('parseInstant', () => {
  it.each([
    ['2024-01-02T03:04:05Z', Date.UTC(2024, 0, 2, 3, 4, 5) * 1000],
    ['2024-01-02T03:04:05.678901+0100', Date.UTC(2024, 0, 2, 2, 4, 5, 678) * 1000],
    ['2024-01-02', Date.UTC(2024, 0, 2) * 1000],
    ['2024-01-02T03:04:05', null],
    ['2 January 2024', null],
    ['2024-13-45', null],
    ['', null],
  ])('%s is %s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });
});
