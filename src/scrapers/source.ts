import type { CrawlJob } from '../core/crawl-job.ts';
import { SeineError } from '../core/errors.ts';
import type { CrawlSource, DataRecord } from '../core/record.ts';
import type { FetchedPage } from '../net/guarded-fetch.ts';
import { retryAfterMs } from '../net/retry-after.ts';

/** What one fetched address of a source holds. */
export interface SourcePage {
  /** Where the last redirect led. */
  url: string;
  /** HTTP status. */
  status: number;
  records: DataRecord[];
  /** Canonical URLs to fetch next. */
  links: string[];
  /** Lists of links that change often: asked again at each run. */
  feeds: string[];
  /** Only a browser can show what is here. */
  needsBrowser: boolean;
  /** Last-Modified, microseconds; null where the source does not say. */
  lastModified: number | null;
  /** Retry-After of a refusal, ms; null where the source does not say. */
  retryAfterMs: number | null;
  /** Of a feed, what tells its entries apart between two visits; of other pages none. */
  entries: PageEntry[];
}

/** An entry of a feed; times in microseconds, UTC, as the feed states them. */
export interface PageEntry {
  /** Of its record. */
  id: string;
  /** Its guid, or its URL where it has none. */
  key: string;
  publishedAt: number | null;
  updatedAt: number | null;
}

/**
 * What a source can be asked for: `crawl` follows links from page to page, `feed` reads lists that hold rows and change, `search` answers queries
 * with such lists, `fetch` looks at one row again, which every source can: else none of its rows could be checked.
 */
export type Offer = 'crawl' | 'feed' | 'search' | 'fetch';

/**
 * The port that every source implements: which addresses a job starts at, and what a fetched address holds. Fetching itself (robots.txt,
 * turns, retries, the guarded client, the browser) is the same for all sources, and so is the frontier, by which a crawl resumes: a source that
 * searches or follows a feed gives the next address as a link.
 */
export interface Source {
  readonly name: CrawlSource;
  /** A line for people. */
  readonly summary: string;
  readonly offers: readonly Offer[];
  /** Fields of a row that may differ when it is looked at again, without anyone having lied. */
  readonly mayChange: ReadonlySet<keyof DataRecord>;
  /** Hosts of its own that are asked besides a job's: of an API. */
  readonly hosts: readonly string[];
  /** robots.txt speaks to those who crawl pages; an API that is made for programs has terms of its own. */
  readonly obeysRobots: boolean;
  /** Types of bodies that hold something for it, `text/*` all of a kind; others are refused unread. A body without a type is read. */
  readonly accepts: readonly string[];
  /** Of one body, decompressed. */
  readonly maxBodyBytes: number;
  /** Addresses that a job starts at; asked again at each run. Throws InvalidInputError for a seed or query that is none of the source's. */
  starts(job: Pick<CrawlJob, 'seeds' | 'queries'>): string[];
  /**
   * What a fetched body holds. Pure: the same bytes at the same URL give the same rows, on a miner and on whoever checks them. Throws a SeineError
   * for what can't be an answer of the source.
   * @param scrapedAt microseconds, UTC
   */
  read(page: FetchedPage, scrapedAt: number, byBrowser: boolean): SourcePage;
  /** The address that shows a row, for checks. Throws InvalidInputError where there is none. */
  addressOf(row: Pick<DataRecord, 'id' | 'url' | 'fetch'>): string;
  /** The id that a row with this URL must have; null where the source has none for it. */
  canonicalId(row: Pick<DataRecord, 'url'>): string | null;
}

/** An API answered with what is none of its answers: whether something is there can't be told from it. */
export class UnreadableAnswerError extends SeineError {
  constructor({ url }: Pick<FetchedPage, 'url'>, why: string) {
    super('UnreadableAnswer', `${url} answered with ${why}; try again later`, { details: { url }, remedy: 'retry' });
  }
}

/** The part of a page that says nothing of what it holds. */
export function emptyPage({ url, status, headers }: Omit<FetchedPage, 'body'>): SourcePage {
  return {
    ...{ url, status, records: [], links: [], feeds: [], needsBrowser: false, entries: [] },
    lastModified: httpDate(headers['last-modified']),
    retryAfterMs: retryAfterMs(headers['retry-after']),
  };
}

function httpDate(value: string | undefined): number | null {
  const ms = Date.parse(value ?? '');
  return Number.isNaN(ms) ? null : ms * 1000;
}
