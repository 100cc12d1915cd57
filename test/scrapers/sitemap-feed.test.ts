import { describe, expect, it } from 'vitest';
import { parseFeed } from '../../src/scrapers/web/feed.ts';
import { parseSitemap } from '../../src/scrapers/web/sitemap.ts';

describe('parseSitemap', () => {
  it('reads a url set', () => {
    const text = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <url><loc> https://example.org/a?x=1&amp;utm_source=s </loc><lastmod>2024-01-01</lastmod></url>
      <url><loc>https://example.org/a?x=1</loc></url><url><loc>file:///etc/passwd</loc></url></urlset>`;
    expect(parseSitemap(text)).toEqual({ pages: ['https://example.org/a?x=1'], sitemaps: [] });
  });

  it('reads an index', () => {
    const text = '<sitemapindex><sitemap><loc>https://example.org/s1.xml</loc></sitemap></sitemapindex>';
    expect(parseSitemap(text)).toEqual({ pages: [], sitemaps: ['https://example.org/s1.xml'] });
  });

  it('finds nothing in anything else, and expands no entities', () => {
    expect(parseSitemap('not xml <')).toEqual({ pages: [], sitemaps: [] });
    const bomb = '<!DOCTYPE x [<!ENTITY a "https://example.org/a">]><urlset><url><loc>&a;</loc></url></urlset>';
    expect(parseSitemap(bomb).pages).toEqual([]);
  });
});

describe('parseFeed', () => {
  it('reads Atom: the alternate link of each entry', () => {
    const text = `<feed xmlns="http://www.w3.org/2005/Atom"><link href="/self" rel="self"/>
      <entry><link rel="edit" href="/edit"/><link rel="alternate" href="/a"/></entry><entry><link href="https://example.org/b"/></entry></feed>`;
    expect(parseFeed(text, 'https://example.org/feed.xml')).toEqual(['https://example.org/a', 'https://example.org/b']);
  });

  it('reads RSS 2.0: the link of each item, else a guid that is one', () => {
    const text = `<rss version="2.0"><channel><link>https://example.org/</link>
      <item><link>https://example.org/a</link></item><item><guid>https://example.org/b</guid></item>
      <item><guid isPermaLink="false">https://example.org/c</guid></item></channel></rss>`;
    expect(parseFeed(text)).toEqual(['https://example.org/a', 'https://example.org/b']);
  });

  it('reads RSS 1.0, and finds nothing in anything else', () => {
    const text = '<rdf:RDF xmlns:rdf="r"><item><link>https://example.org/a</link></item></rdf:RDF>';
    expect(parseFeed(text)).toEqual(['https://example.org/a']);
    expect(parseFeed('{}')).toEqual([]);
  });
});
