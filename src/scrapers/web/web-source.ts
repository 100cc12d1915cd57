import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import { BrowserMissingError } from '../browser/errors.ts';
import type { BrowserPool } from '../browser/pool.ts';
import type { Source } from '../source.ts';
import type { PageReader } from './page-reader.ts';
import { readPage } from './read-page.ts';

export interface WebSourceOptions {
  fetch: GuardedFetch;
  /** Null on workers that have none; a page that needs one is then an error. */
  browser: BrowserPool | null;
  /** Microseconds, UTC. */
  now: () => number;
  /** Reads pages in a thread of its own, with a deadline. @default here, with none: for pages that are not hostile */
  reader?: PageReader;
}

/** Web pages, with the sitemaps and feeds that lead to them. */
export function createWebSource({ fetch, browser, now, reader }: WebSourceOptions): Source {
  return {
    async fetchPage(url, { byBrowser, signal }) {
      if (byBrowser && browser === null) throw new BrowserMissingError(url);
      // Before the request: a change that the source dates later was not yet to be seen.
      const scrapedAt = now();
      const request = signal === undefined ? {} : { signal };
      const page = byBrowser && browser !== null ? await browser.render(url, request) : await fetch(url, request);
      return reader === undefined
        ? readPage(page, scrapedAt, byBrowser)
        : await reader.read(page, scrapedAt, byBrowser);
    },
  };
}
