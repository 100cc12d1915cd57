import { load } from 'cheerio';
import { NO_METRICS } from '../../../src/core/record.ts';
import type { DataRecord } from '../../../src/core/record.ts';
import type { FetchedPage } from '../../../src/net/guarded-fetch.ts';
import type { SourcePage } from '../../../src/scrapers/source.ts';

/**
 * Of a page what the peers take of it: title, length of its text and links, by cheerio too. The row that it makes is one that the product can
 * store, with the length for a text.
 */
export function lightPage(page: FetchedPage, scrapedAt: number): SourcePage {
  const $ = load(Buffer.from(page.body).toString());
  const links = new Set<string>();
  for (const { attribs } of $('a')) {
    const link = new URL(attribs['href'] ?? '', page.url);
    link.hash = '';
    links.add(link.href);
  }
  return {
    url: page.url,
    status: page.status,
    records: [rowOf(page.url, scrapedAt, $('title').text(), $('body').text().length)],
    links: [...links],
    feeds: [],
    entries: [],
    needsBrowser: false,
    lastModified: null,
    retryAfterMs: null,
  };
}

function rowOf(url: string, scrapedAt: number, title: string, textLength: number): DataRecord {
  return {
    ...{ id: `web:${url}`, source: 'web', kind: 'page', url, author: null, created_at: null, scraped_at: scrapedAt },
    ...{ lang: null, title, text: `${textLength}`, tags: [], parent_id: null, conversation_id: null },
    ...{ metrics: NO_METRICS, media: [], extra: null },
    fetch: { url, status: 200, body_sha256: '0'.repeat(64), extractor: 'bench' },
  };
}
