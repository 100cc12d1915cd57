import { ParentClosePolicy, defineQuery, setHandler, startChild } from '@temporalio/workflow';
import type { ScrapeActivities } from '../activities/scrape.ts';
import type { SealActivities } from '../activities/seal.ts';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { pool } from './pools.ts';
import { publishCommit } from './publish-commit.ts';

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
  let hidden = 0;
  for (let more = true; more && progress.pages < input.maxPages;) {
    const pages = Math.min(input.batchPages, input.maxPages - progress.pages);
    const batch = await http.crawlBatch({ job, queue: 'http', pages });
    progress.pages += batch.pages;
    progress.records += batch.records;
    hidden += batch.needBrowser;
    more = batch.pages > 0 && batch.remaining > 0;
  }
  // Pages that showed their text only after scripts ran were put aside; they count as pages already.
  while (hidden > 0) {
    const batch = await browser.crawlBatch({ job, queue: 'browser', pages: input.batchPages });
    progress.records += batch.records;
    hidden = batch.pages > 0 ? batch.remaining : 0;
  }

  const sealed = await data.sealManifest({ job });
  progress.duplicates = sealed.duplicates;
  progress.manifest = sealed.manifest;
  for (const manifest of sealed.waiting) await startPublishing(input, manifest);
  return progress;
}

/** The commitment may have to wait for the next epoch's byte budget; the next scrape need not. */
async function startPublishing(
  { hotkey, netuid }: ScrapeSourceInput,
  { digest, seq }: { digest: string; seq: number },
): Promise<void> {
  try {
    await startChild(publishCommit, {
      workflowId: `publish-${netuid}-${hotkey.slice(0, 8)}-${seq}`,
      taskQueue: taskQueue(hotkey, 'control'),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: searchPairs({ role: 'miner', hotkey, netuid, manifest: digest }),
      args: [{ hotkey, netuid, manifest: digest }],
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowExecutionAlreadyStartedError') throw error;
    // An earlier run started it, and it is at work.
  }
}
