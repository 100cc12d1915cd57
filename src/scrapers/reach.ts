import type { CrawlJob } from '../core/crawl-job.ts';
import { hostOf } from '../core/wanted.ts';
import type { Source } from './source.ts';

/** Which addresses a job leads to. */
export interface Reach {
  /** Whether a URL may be fetched: of the job's hosts, or of the source's own API. */
  mayFetch: (url: string) => boolean;
  /** The same for a canonical URL, without parsing it: a page has more links than anything else. */
  mayFetchCanonical: (url: string) => boolean;
  /** Whether a row may come from there: of the job's hosts. */
  isWanted: (url: string) => boolean;
}

export function reachOf(source: Pick<Source, 'hosts'>, job: Pick<CrawlJob, 'hosts'>): Reach {
  const wanted = new Set(job.hosts);
  const fetched = new Set([...job.hosts, ...source.hosts]);
  return {
    mayFetch: (url) => URL.canParse(url) && fetched.has(hostOf(url)),
    mayFetchCanonical: (url) => fetched.has(hostOfCanonical(url)),
    isWanted: (url) => URL.canParse(url) && wanted.has(hostOf(url)),
  };
}

function hostOfCanonical(url: string): string {
  const start = url.indexOf('://') + 3;
  const end = url.indexOf('/', start);
  return url.slice(start, end < 0 ? url.length : end);
}
