import { describe, expect, it } from 'vitest';
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

  it('reads a prefix, CDATA and a full file, and images are no pages', () => {
    const entry = (n: number): string =>
      `<s:url>\n <s:loc><![CDATA[https://example.org/${n}]]></s:loc>\n <s:lastmod>2024-01-01</s:lastmod>
       <s:changefreq>daily</s:changefreq>\n <s:priority>0.5</s:priority>\n</s:url>`;
    const entries = Array.from({ length: 50_000 }, (_, n) => entry(n)).join('\n');
    const text = `<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9">${entries}</s:urlset>`;
    const { pages } = parseSitemap(text);
    expect([pages.length, pages.at(-1)]).toEqual([50_000, 'https://example.org/49999']);
    const image =
      '<urlset><url><loc>https://example.org/</loc><image:loc>https://example.org/i</image:loc></url></urlset>';
    expect(parseSitemap(image).pages).toEqual(['https://example.org/']);
  });

  it('takes time in line with the length of what is nested', () => {
    const nested = '<urlset>'.repeat(300_000);
    expect(parseSitemap(nested)).toEqual({ pages: [], sitemaps: [] });
  });

  it('finds nothing in anything else, and expands no entities', () => {
    expect(parseSitemap('not xml <')).toEqual({ pages: [], sitemaps: [] });
    const bomb = '<!DOCTYPE x [<!ENTITY a "https://example.org/a">]><urlset><url><loc>&a;</loc></url></urlset>';
    expect(parseSitemap(bomb).pages).toEqual([]);
  });
});
