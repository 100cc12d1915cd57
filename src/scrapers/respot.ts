import { canonicalJson } from '../core/canonical-json.ts';
import type { CrawlJob } from '../core/crawl-job.ts';
import type { DataRecord } from '../core/record.ts';
import { reachOf } from './reach.ts';
import type { Source, SourcePage } from './source.ts';
import type { Visit, VisitDeps } from './visit.ts';
import { visitWithin } from './visit-within.ts';
import { BROWSER_MARK } from './web/extract-page.ts';

/** What a source shows now where a row says it came from. */
export type Observation =
  | {
      outcome: 'shown';
      record: DataRecord;
      /** Last-Modified, microseconds; null where the source does not say. */
      lastModified: number | null;
      /** The first field that differs from the row's and that no honest reading could explain; null where there is none. */
      differs: keyof DataRecord | null;
    }
  /** The source says that nothing is there (404, 410), or shows a page without text (2xx), or a list that would have the row and has it not. */
  | { outcome: 'gone'; status: number }
  | { outcome: 'unreachable'; reason: string };

/** Scrapes a row again where its source shows it, by the rules and the way it was scraped, for whoever checks the row. */
export async function respot(deps: VisitDeps, row: DataRecord, job: Pick<CrawlJob, 'hosts'>): Promise<Observation> {
  const { source, browser } = deps;
  const reach = reachOf(source, job);
  const address = addressOf(source, row);
  if (address === null) return { outcome: 'unreachable', reason: 'no_address' };
  if (!reach.isWanted(row.url) || !reach.mayFetch(address)) {
    return { outcome: 'unreachable', reason: 'host_not_in_job' };
  }
  const { mayFetch: mayFollow } = reach;
  const look = (byBrowser: boolean): Promise<Visit> =>
    visitWithin(deps, address, { byBrowser, mayFollow }, { pauseMs: PAUSE_MS });
  let visited = await look(isByBrowser(row));
  if (visited.outcome === 'page' && visited.page.needsBrowser && browser !== null) {
    visited = await look(true);
  }
  if (visited.outcome === 'gone') return visited;
  if (visited.outcome === 'unchanged') return { outcome: 'unreachable', reason: 'status_304' };
  if (visited.outcome !== 'page') return { outcome: 'unreachable', reason: visited.reason };
  const { page } = visited;
  const record = page.records.find(({ id }) => id === row.id) ?? onlyRow(page);
  if (record !== undefined) {
    const { lastModified } = page;
    return { outcome: 'shown', record, lastModified, differs: fieldThatDiffers(source, row, record) };
  }
  if (!reachesBack(page, row)) return { outcome: 'unreachable', reason: 'no_longer_listed' };
  return { outcome: 'gone', status: page.status };
}

/** Whether a row's page was shown by a browser. */
export function isByBrowser(row: Pick<DataRecord, 'fetch'>): boolean {
  return row.fetch.extractor.endsWith(BROWSER_MARK);
}

function addressOf(source: Source, row: DataRecord): string | null {
  try {
    return source.addressOf(row);
  } catch {
    // Somebody may have made the row up; what is wrong with it is no trouble here.
    return null;
  }
}

/** The row of a page that is no list. */
function onlyRow({ records, entries }: SourcePage): DataRecord | undefined {
  return entries.length === 0 ? records[0] : undefined;
}

/** Whether a list that shows its newest entries only would still show the row. */
function reachesBack({ records, entries }: SourcePage, row: DataRecord): boolean {
  if (entries.length === 0) return true;
  const { created_at: createdAt } = row;
  return createdAt !== null && records.some(({ created_at: other }) => other !== null && other < createdAt);
}

function fieldThatDiffers(source: Source, row: DataRecord, record: DataRecord): keyof DataRecord | null {
  const fields = (Object.keys(record) as (keyof DataRecord)[]).filter((field) => !source.mayChange.has(field));
  // Id and time of publication have reasons of their own (src/scoring/verdict.ts).
  const fixed = fields.filter((field) => field !== 'id' && field !== 'created_at');
  return fixed.find((field) => canonicalJson(row[field]) !== canonicalJson(record[field])) ?? null;
}

/** As long as a back-off lasts by itself. A host that may be a miner's own must not hold up a check for as long as it likes. */
const PAUSE_MS = 60_000;
