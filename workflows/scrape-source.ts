import { defineQuery, setHandler } from '@temporalio/workflow';
import type { ScrapeActivities } from '../activities/scrape.ts';
import type { SealActivities } from '../activities/seal.ts';
import { pool } from './pools.ts';
import { startPublishing } from './start-publishing.ts';

export interface ScrapeSourceInput {
  hotkey: string;
  netuid: number;
  /** Id of the wanted job. */
  job: string;
  /** Pages that this run fetches at most. */
  maxPages: number;
  /** Pages an activity fetches: seconds of work. */
  batchPages: number;
}

export interface ScrapeProgress {
  pages: number;
  records: number;
  duplicates: number;
  manifest: string | null;
}

export const scrapeProgress = defineQuery<ScrapeProgress>('progress');

/** One scheduled run of a job: crawl, seal what is new, have it committed. */
export async function scrapeSource(input: ScrapeSourceInput): Promise<ScrapeProgress> {
  const { hotkey, job } = input;
  const progress: ScrapeProgress = { pages: 0, records: 0, duplicates: 0, manifest: null };
  setHandler(scrapeProgress, () => progress);
  const http = pool<ScrapeActivities>(hotkey, 'http');
  const browser = pool<ScrapeActivities>(hotkey, 'browser');
  const data = pool<SealActivities>(hotkey, 'data');

  await http.openCrawl({ job });
  // Pages that showed their text only after scripts ran were put aside; they count as pages already.
  let hidden = 0;
  for (let more = true; more && progress.pages < input.maxPages;) {
    const pages = Math.min(input.batchPages, input.maxPages - progress.pages);
    const batch = await http.crawlBatch({ job, queue: 'http', pages });
    progress.pages += batch.pages;
    progress.records += batch.records;
    // What the frontier holds, not what the batches told of: the report of a batch may be lost with its worker.
    hidden = batch.remaining.browser;
    more = batch.pages > 0 && batch.remaining.http > 0;
  }
  while (hidden > 0) {
    const batch = await browser.crawlBatch({ job, queue: 'browser', pages: input.batchPages });
    progress.records += batch.records;
    hidden = batch.pages > 0 ? batch.remaining.browser : 0;
  }

  const sealed = await data.sealManifest({ job });
  progress.duplicates = sealed.duplicates;
  progress.manifest = sealed.manifest;
  // The commitment may have to wait for the next epoch's byte budget; the next scrape need not.
  if (sealed.waiting.length > 0) await startPublishing({ hotkey, netuid: input.netuid });
  return progress;
}
