import type { DataRecord } from '../core/record.ts';
import { hostOf } from '../core/wanted.ts';
import type { WantedJob } from '../core/wanted.ts';
import type { CrawlDeps } from './crawl.ts';
import { visit } from './visit.ts';
import { BROWSER_MARK } from './web/extract-page.ts';
import { createWebSource } from './web/web-source.ts';

/** What a source shows now where a row says it came from. */
export type Observation =
  | {
      outcome: 'shown';
      record: DataRecord;
      /** Last-Modified, microseconds; null where the source does not say. */
      lastModified: number | null;
    }
  /** The source says that nothing is there (404, 410), or shows a page without text (2xx). */
  | { outcome: 'gone'; status: number }
  | { outcome: 'unreachable'; reason: string };

/** Scrapes a row's page again, by the rules and the way it was scraped, for whoever checks the row. */
export async function respot(
  deps: Omit<CrawlDeps, 'frontier' | 'store'>,
  row: Pick<DataRecord, 'url' | 'fetch'>,
  job: Pick<WantedJob, 'hosts'>,
): Promise<Observation> {
  if (!URL.canParse(row.url) || !job.hosts.includes(hostOf(row.url))) {
    return { outcome: 'unreachable', reason: 'host_not_in_job' };
  }
  const visiting = { ...deps, source: createWebSource(deps) };
  let visited = await visit(visiting, row.url, isByBrowser(row));
  if (visited.outcome === 'page' && visited.page.needsBrowser && deps.browser !== null) {
    visited = await visit(visiting, row.url, true);
  }
  if (visited.outcome === 'gone') return visited;
  if (visited.outcome !== 'page') return { outcome: 'unreachable', reason: visited.reason };
  const { records, status, lastModified } = visited.page;
  const [record] = records;
  return record === undefined ? { outcome: 'gone', status } : { outcome: 'shown', record, lastModified };
}

/** Whether a row's page was shown by a browser. */
export function isByBrowser(row: Pick<DataRecord, 'fetch'>): boolean {
  return row.fetch.extractor.endsWith(BROWSER_MARK);
}
