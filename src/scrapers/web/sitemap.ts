import { load } from 'cheerio';
import { canonicalizeUrl } from './canonical-url.ts';

export interface Sitemap {
  /** Canonical URLs of pages (`urlset`). */
  pages: string[];
  /** URLs of further sitemaps (`sitemapindex`). */
  sitemaps: string[];
}

/** The protocol's own limit on entries of one file. */
const MAX_ENTRIES = 50_000;

/** Reads a sitemap or a sitemap index (sitemaps.org protocol 0.9). Text that is neither has no entries. */
export function parseSitemap(text: string): Sitemap {
  const $ = load(text, { xml: true });
  const locations = (selector: string) => {
    const urls = $(selector)
      .slice(0, MAX_ENTRIES)
      .toArray()
      .map((element) => canonicalizeUrl($(element).text().trim()));
    return [...new Set(urls.filter((url) => url !== null))];
  };
  return { pages: locations('urlset > url > loc'), sitemaps: locations('sitemapindex > sitemap > loc') };
}
