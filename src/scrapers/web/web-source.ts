import type { Source } from '../source.ts';
import { canonicalizeUrl } from './canonical-url.ts';
import { readPage } from './read-page.ts';

/** Web pages, with the sitemaps and feeds that lead to them. */
export const webSource: Source = {
  name: 'web',
  summary: 'pages of web sites, by links, sitemaps and feeds; by a browser where scripts bring the text',
  offers: ['crawl', 'fetch'],
  // Pages change; whether one has is judged by its date and by how alike the texts are.
  mayChange: new Set(['author', 'lang', 'title', 'text', 'tags', 'media', 'scraped_at', 'fetch', 'kind'] as const),
  hosts: [],
  obeysRobots: true,
  accepts: [
    ...['text/*', 'application/xhtml+xml', 'application/xml', 'application/json', 'application/feed+json'],
    ...['application/rss+xml', 'application/atom+xml', 'application/rdf+xml'],
    // Packed sitemaps, as servers name them.
    ...['application/gzip', 'application/x-gzip', 'application/octet-stream'],
  ],
  maxBodyBytes: 5_000_000,
  starts: ({ seeds }) => [...new Set(seeds.map((seed) => canonicalizeUrl(seed)).filter((url) => url !== null))],
  read: readPage,
  addressOf: ({ url }) => url,
  canonicalId: ({ url }) => (canonicalizeUrl(url) === url ? `web:${url}` : null),
};
