import type { FetchedPage } from '../../net/guarded-fetch.ts';
import type { SourcePage } from '../source.ts';
import { decodeText } from './decode-text.ts';
import { extractPage } from './extract-page.ts';
import { parseFeed } from './feed.ts';
import { parseSitemap } from './sitemap.ts';

/** What a fetched body holds, by its type: a page, a sitemap or a feed; anything else holds nothing. */
export function readPage(page: FetchedPage, scrapedAt: number, byBrowser: boolean): SourcePage {
  const read: SourcePage = {
    url: page.url,
    status: page.status,
    records: [],
    links: [],
    feeds: [],
    needsBrowser: false,
    lastModified: httpDate(page.headers['last-modified']),
    retryAfterMs: retryAfter(page.headers['retry-after']),
  };
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
  if (/[/+]xml\b/.test(type)) {
    const text = decodeText(page.body, type);
    const { pages, sitemaps } = parseSitemap(text);
    return { ...read, links: [...pages, ...parseFeed(text, page.url)], feeds: sitemaps };
  }
  return read;
}

function httpDate(value: string | undefined): number | null {
  const ms = Date.parse(value ?? '');
  return Number.isNaN(ms) ? null : ms * 1000;
}

/** RFC 9110, 10.2.3: seconds. The form with a date says when by the server's clock, and is left to the usual back-off. */
function retryAfter(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : null;
}
