import { load } from 'cheerio';
import { describe, expect, it } from 'vitest';
import { pageElements } from '../../src/scrapers/web/page-elements.ts';
import { pageFacts } from '../../src/scrapers/web/page-facts.ts';
import type { PageFacts } from '../../src/scrapers/web/page-facts.ts';
import { linksOf } from '../../src/scrapers/web/page-links.ts';

function factsOf(head: string, body = '', attributes = ''): PageFacts {
  const elements = pageElements(load(`<html ${attributes}><head>${head}</head><body>${body}</body></html>`));
  if (elements === null) throw new Error('no page');
  return pageFacts(elements);
}

const ld = (value: unknown): string => `<script type="application/ld+json">${JSON.stringify(value)}</script>`;

describe('pageFacts', () => {
  it.each([
    ['<title>Foxes - A zoo</title>', '<h1>Foxes<a href="#f">¶</a></h1>', 'Foxes'],
    ['<title>A zoo | Foxes</title>', '<h1>Foxes</h1>', 'Foxes'],
    ['<title>Foxes - red - A zoo</title>', '<h1>A zoo</h1><h1>Foxes - red</h1>', 'Foxes - red'],
    ['<title>Foxes – A zoo</title><meta property="og:site_name" content="A zoo">', '', 'Foxes'],
    ['<title>A zoo: foxes</title>', '<h1>foxes</h1>', 'A zoo: foxes'],
    ['<title>Foxes - A zoo</title>', '<h1>Something else</h1>', 'Foxes - A zoo'],
    ['<title>Foxes - dogs</title>', '<h1>Foxes - dogs</h1>', 'Foxes - dogs'],
    ['<title>x</title><meta property="og:title" content="Foxes">', '', 'Foxes'],
    [`<title>x</title>${ld({ '@type': 'Article', headline: 'Foxes' })}`, '', 'Foxes'],
    ['', '<svg><title>x</title></svg>', null],
  ])('title of %j with %j is %j', (head, body, title) => {
    expect(factsOf(head, body).title).toBe(title);
  });

  it('reads an article of JSON-LD with its author in another thing of the graph', () => {
    const graph = [
      { '@type': 'WebSite', name: 'A zoo' },
      { '@type': 'Person', '@id': '#ann', name: 'Ann' },
      {
        '@type': 'NewsArticle',
        author: { '@id': '#ann' },
        dateCreated: '2024-01-02',
        keywords: ['fox', 'dog'],
        inLanguage: 'pt-BR',
      },
    ];
    const facts = factsOf(ld({ '@graph': graph }));
    expect(facts).toMatchObject({
      author: 'Ann',
      createdAt: Date.UTC(2024, 0, 2) * 1000,
      tags: ['fox', 'dog'],
      lang: 'pt',
    });
    expect(factsOf(ld([{ '@type': 'Article', keywords: 'a, b' }])).tags).toEqual(['a', 'b']);
  });

  it('reads microformats of a page about one post', () => {
    const post = `<abbr class="published" title="2024-03-13T08:30:00+00:00">March</abbr>
      <address class="vcard author">By <a class="url fn" href="/ann">Ann</a></address><a rel="tag" href="/t">fox</a>`;
    const facts = { author: 'Ann', createdAt: Date.UTC(2024, 2, 13, 8, 30) * 1000, tags: ['fox'] };
    expect(factsOf('', `<article>${post}</article>`)).toMatchObject(facts);
    const entry = '<time class="dt-published" datetime="2024-03-13T08:30Z"></time><span class="p-author">Ann</span>';
    expect(factsOf('', entry)).toMatchObject({ author: 'Ann', createdAt: facts.createdAt });
  });

  it('states nothing of a page that lists several', () => {
    const post = (day: string, name: string) =>
      `<article><abbr class="published" title="2024-03-${day}"></abbr><b class="p-author">${name}</b><a rel=tag>${name}</a></article>`;
    expect(factsOf('', post('01', 'Ann') + post('02', 'Bo'))).toMatchObject({
      author: null,
      createdAt: null,
      tags: [],
    });
  });

  it.each([
    ['lang="de-AT"', 'de'],
    ['lang="zh_Hans"', 'zh'],
    ['lang=""', null],
    ['lang="und"', null],
    ['lang="english"', null],
  ])('language of %s is %s', (attributes, lang) => {
    expect(factsOf('', '', attributes).lang).toBe(lang);
  });
});

describe('linksOf', () => {
  it('finds the next page of a series and versions in other languages in the head', () => {
    const head = `<link rel=next href="/?page=2"><link rel=prev href="/?page=0"><link rel="alternate" hreflang=de href="/de/">
      <link rel="alternate" hreflang=de type="application/rss+xml" href="/rss"><link rel=stylesheet href="/s.css"><link rel="next nofollow" href="/n">`;
    const elements = pageElements(load(`<html><head>${head}</head><body><a href="/a">a</a></body></html>`));
    const links = elements === null ? [] : linksOf(elements, 'https://example.org/');
    expect(links.map((link) => link.slice('https://example.org'.length))).toEqual([
      '/?page=2',
      '/?page=0',
      '/de/',
      '/a',
    ]);
  });
});
