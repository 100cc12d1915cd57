/** Where a record comes from. */
export const SOURCES = [
  'web',
  'x',
  'reddit',
  'bluesky',
  'mastodon',
  'hackernews',
  'rss',
  'youtube',
  'synthetic',
] as const;
export type Source = (typeof SOURCES)[number];

/** Those that can be crawled by now. */
export const CRAWL_SOURCES = ['web', 'rss', 'hackernews'] as const satisfies readonly Source[];
export type CrawlSource = (typeof CRAWL_SOURCES)[number];

export const KINDS = ['post', 'comment', 'article', 'page', 'image', 'video', 'audio', 'prompt', 'completion'] as const;
export type Kind = (typeof KINDS)[number];

/** Counts as the source showed them at `scraped_at`; null where it showed none. */
export interface Metrics {
  likes: number | null;
  replies: number | null;
  reposts: number | null;
  quotes: number | null;
  views: number | null;
  bookmarks: number | null;
}

export interface Media {
  url: string;
  kind: string;
  mime: string;
  bytes: number | null;
  /** 64 hex characters. */
  sha256: string | null;
  width: number | null;
  height: number | null;
  duration_ms: number | null;
  /** 16 hex characters. */
  phash: string | null;
}

/** Provenance: what was fetched, and what read it. */
export interface Fetch {
  url: string;
  status: number;
  /** SHA-256 of the body's bytes, 64 hex characters. */
  body_sha256: string;
  /** Name and version of the extractor, `web-2`. */
  extractor: string;
}

/**
 * One row of any source (DESIGN.md, section 4). Every field is present; what is unknown is null.
 * Column names are snake_case because dataset users read them. Times are integer microseconds since 1970, UTC.
 */
export interface DataRecord {
  /** `source:native id`, canonical. */
  id: string;
  source: Source;
  kind: Kind;
  /** Canonical URL that a person can open. */
  url: string;
  author: string | null;
  /** When the author published it, as the source states; never guessed. */
  created_at: number | null;
  scraped_at: number;
  /** BCP 47, detected. */
  lang: string | null;
  title: string | null;
  text: string | null;
  tags: string[];
  parent_id: string | null;
  conversation_id: string | null;
  metrics: Metrics;
  media: Media[];
  fetch: Fetch;
  /** Source-specific columns as canonical JSON. */
  extra: string | null;
}

export const NO_METRICS: Metrics = {
  likes: null,
  replies: null,
  reposts: null,
  quotes: null,
  views: null,
  bookmarks: null,
};
