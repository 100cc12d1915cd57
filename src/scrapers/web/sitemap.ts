import { childrenOf, parseMarkup, textOf } from '../markup/markup.ts';
import { canonicalizeUrl } from './canonical-url.ts';

export interface Sitemap {
  /** Canonical URLs of pages (`urlset`). */
  pages: string[];
  /** URLs of further sitemaps (`sitemapindex`). */
  sitemaps: string[];
}

/** The protocol's own limit on entries of one file. */
const MAX_ENTRIES = 50_000;
/** An entry's own element, and four in it with their text. */
const MAX_NODES = 9 * MAX_ENTRIES + 10;

/** Reads a sitemap or a sitemap index (sitemaps.org protocol 0.9). Text that is neither has no entries. */
export function parseSitemap(text: string): Sitemap {
  const root = parseMarkup(text, 'xml', { maxNodes: MAX_NODES, skipsBlank: true });
  const locations = (list: string, entry: string): string[] => {
    if (root === null) return [];
    const found = childrenOf(root, list).flatMap((element) => childrenOf(element, entry));
    const urls = found
      .slice(0, MAX_ENTRIES)
      .flatMap((element) => childrenOf(element, 'loc'))
      .map((element) => canonicalizeUrl(textOf(element).trim()));
    return [...new Set(urls.filter((url) => url !== null))];
  };
  return { pages: locations('urlset', 'url'), sitemaps: locations('sitemapindex', 'sitemap') };
}
