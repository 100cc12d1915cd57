import { CRAWL_SOURCES } from '../core/record.ts';
import type { CrawlSource, DataRecord } from '../core/record.ts';
import { createHackerNewsSource } from './hackernews/hackernews-source.ts';
import type { HackerNewsOrigins } from './hackernews/hackernews-source.ts';
import { rssSource } from './rss/rss-source.ts';
import type { Source } from './source.ts';
import { webSource } from './web/web-source.ts';

/** Where sources with an API are asked. Plain JSON: a page reader's thread gets it too. */
export interface SourceOrigins {
  hackernews: HackerNewsOrigins;
}

export type Sources = Readonly<Record<CrawlSource, Source>>;

/** Every source that can be crawled, by name. */
export function createSources(origins: SourceOrigins): Sources {
  return { web: webSource, rss: rssSource, hackernews: createHackerNewsSource(origins.hackernews) };
}

export function isCrawlSource(name: string): name is CrawlSource {
  return CRAWL_SOURCES.some((known) => known === name);
}

/** The id that a row must have by its source and URL; null where its source knows none. Ids are the same wherever a source is asked. */
export function canonicalId({ source, url }: Pick<DataRecord, 'source' | 'url'>): string | null {
  return isCrawlSource(source) ? PUBLIC_SOURCES[source].canonicalId({ url }) : null;
}

/** The services that everybody knows these sources by. */
export const PUBLIC_ORIGINS: SourceOrigins = {
  hackernews: { firebase: 'https://hacker-news.firebaseio.com', search: 'https://hn.algolia.com' },
};
const PUBLIC_SOURCES = createSources(PUBLIC_ORIGINS);
