import { canonicalJson } from '../../core/canonical-json.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { NO_METRICS } from '../../core/record.ts';
import type { DataRecord, Fetch } from '../../core/record.ts';
import type { FetchedPage } from '../../net/guarded-fetch.ts';
import { emptyPage } from '../source.ts';
import type { PageEntry, Source, SourcePage } from '../source.ts';
import { canonicalizeUrl } from '../web/canonical-url.ts';
import { decodeText } from '../web/decode-text.ts';
import { languageOf } from '../web/language.ts';
import type { FeedEntry } from './feed-entry.ts';
import { parseFeed } from './parse-feed.ts';

/** Name and version of what reads feeds; part of a row's provenance. */
export const EXTRACTOR = 'rss-1';

/** UTF-16 units; a feed of 1,000 entries in full text is 1 to 10 million. */
const MAX_FEED_LENGTH = 10_000_000;

/** Feeds in RSS 2.0, RSS 1.0, Atom and JSON Feed: a row an entry, and the feed's further pages as links. Entries without a URL make no row. */
export const rssSource: Source = {
  name: 'rss',
  summary: 'entries of feeds: RSS 2.0 and 1.0, Atom, JSON Feed',
  offers: ['feed', 'fetch'],
  mayChange: new Set(['author', 'lang', 'title', 'text', 'tags', 'media', 'scraped_at', 'fetch', 'extra'] as const),
  hosts: [],
  obeysRobots: true,
  accepts: [
    ...['text/*', 'application/xml', 'application/rss+xml', 'application/atom+xml', 'application/rdf+xml'],
    ...['application/json', 'application/feed+json', 'application/octet-stream'],
  ],
  maxBodyBytes: MAX_FEED_LENGTH,
  starts: ({ seeds }) => [...new Set(seeds.map((seed) => canonicalizeUrl(seed)).filter((url) => url !== null))],
  read: readFeed,
  addressOf: ({ fetch }) => fetch.url,
  canonicalId: ({ url }) => (canonicalizeUrl(url) === url ? `rss:${url}` : null),
};

function readFeed(page: FetchedPage, scrapedAt: number): SourcePage {
  const read = emptyPage(page);
  if (page.status < 200 || page.status > 299) return read;
  const text = decodeText(page.body, page.headers['content-type'] ?? '');
  if (text.length > MAX_FEED_LENGTH) return read;
  const { entries, next } = parseFeed(text, page.url);
  const fetch = { url: page.url, status: page.status, body_sha256: sha256Hex(page.body), extractor: EXTRACTOR };
  const records = new Map<string, DataRecord>();
  const marks: PageEntry[] = [];
  for (const entry of entries) {
    const record = recordOf(entry, scrapedAt, fetch);
    // The first of two entries at one URL, which is the later one in nearly every feed.
    if (record === null || records.has(record.id)) continue;
    records.set(record.id, record);
    const { guid, publishedAt, updatedAt } = entry;
    marks.push({ id: record.id, key: guid ?? record.url, publishedAt, updatedAt });
  }
  const own = canonicalizeUrl(page.url);
  // Feeds too: what a further page holds moves on with every new entry.
  const further = next.filter((url) => url !== own);
  return { ...read, records: [...records.values()], entries: marks, links: further, feeds: further };
}

function recordOf(entry: FeedEntry, scrapedAt: number, fetch: Fetch): DataRecord | null {
  const text = entry.text ?? entry.summary;
  if (entry.url === null || (text === null && entry.title === null)) return null;
  return {
    id: `rss:${entry.url}`,
    source: 'rss',
    kind: 'article',
    url: entry.url,
    author: entry.author,
    created_at: entry.publishedAt,
    scraped_at: scrapedAt,
    lang: text === null ? null : languageOf(text),
    title: entry.title,
    text,
    tags: entry.tags,
    parent_id: null,
    conversation_id: null,
    metrics: NO_METRICS,
    media: entry.media,
    fetch,
    extra: canonicalJson({ feed: fetch.url, guid: entry.guid }),
  };
}
