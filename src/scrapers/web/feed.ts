import { load } from 'cheerio';
import { canonicalizeUrl } from './canonical-url.ts';

const MAX_ENTRIES = 1000;

/**
 * Canonical URLs of the pages that an Atom (RFC 4287), RSS 2.0 or RSS 1.0 feed leads to, each once.
 * @param base the feed's own URL, for relative links
 */
export function parseFeed(text: string, base?: string): string[] {
  const $ = load(text, { xml: true });
  const atom = $('feed > entry')
    .slice(0, MAX_ENTRIES)
    .toArray()
    .map((entry) => {
      const links = $(entry).children('link[href]');
      const alternate = links.filter('[rel="alternate"], :not([rel])').first();
      return alternate.attr('href');
    });
  const rss = $('rss > channel > item, rdf\\:RDF > item')
    .slice(0, MAX_ENTRIES)
    .toArray()
    .map((item) => {
      const guid = $(item).children('guid:not([isPermaLink="false"])').first().text();
      return $(item).children('link').first().text() || guid;
    });
  const urls = [...atom, ...rss].map((url) => (url === undefined ? null : canonicalizeUrl(url.trim(), base)));
  return [...new Set(urls.filter((url) => url !== null))];
}
