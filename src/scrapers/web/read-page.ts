import type { FetchedPage } from '../../net/guarded-fetch.ts';
import { NO_FEED } from '../rss/feed-entry.ts';
import { parseFeed } from '../rss/parse-feed.ts';
import { emptyPage } from '../source.ts';
import type { SourcePage } from '../source.ts';
import { decodeText } from './decode-text.ts';
import { extractPage } from './extract-page.ts';
import { unpackedSitemap } from './sitemap-body.ts';
import { parseSitemap } from './sitemap.ts';

/** What a fetched body holds, by its type: a page, a sitemap or a feed; anything else holds nothing. */
export function readPage(page: FetchedPage, scrapedAt: number, byBrowser: boolean): SourcePage {
  const read = emptyPage(page);
  const type = (page.headers['content-type'] ?? 'text/html').toLowerCase();
  if (page.status < 200 || page.status > 299) return read;
  if (/\b(?:text\/html|application\/xhtml\+xml)\b/.test(type)) {
    const { record, links, feeds, needsBrowser } = extractPage({ ...page, scrapedAt, byBrowser });
    return {
      ...read,
      records: record === null ? [] : [record],
      links,
      feeds,
      needsBrowser: needsBrowser && !byBrowser,
    };
  }
  const unpacked = unpackedSitemap(page);
  if (unpacked !== null || /[/+](?:xml|json)\b/.test(type)) {
    const text = decodeText(unpacked ?? page.body, unpacked === null ? type : '');
    const { pages, sitemaps } = parseSitemap(text);
    // One or the other: neither is looked for in the other's megabytes.
    const isFeed = pages.length + sitemaps.length === 0;
    const { entries, next } = isFeed ? parseFeed(text, page.url) : NO_FEED;
    const listed = entries.map(({ url }) => url).filter((url) => url !== null);
    return { ...read, links: [...pages, ...new Set(listed)], feeds: [...sitemaps, ...next] };
  }
  return read;
}
