import { condition, continueAsNew, defineQuery, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { CrawlReport, ScrapeActivities } from '../activities/scrape.ts';
import type { SealActivities } from '../activities/seal.ts';
import type { CrawlJob } from '../src/core/crawl-job.ts';
import { pool } from './pools.ts';
import { beginRun, idleMs, noteBatch, resume, shownProgress } from './scrape-progress.ts';
import type { ScrapeProgress, ScrapeRun, ScrapeState } from './scrape-progress.ts';
import { startPublishing } from './start-publishing.ts';

export interface ScrapeSourceInput {
  hotkey: string;
  netuid: number;
  /** The whole job, so that any worker of the hotkey can run it. */
  job: CrawlJob;
  /** Pages that an activity fetches: seconds of work. */
  batchPages: number;
  /** Batches under way at once. @default 1 */
  parallel?: number;
  /** Batches after which it is continued as new, if Temporal does not suggest it before. @default 500 */
  batchesPerRun?: number;
  /** Where it goes on, continued as new; absent at the start. */
  carried?: ScrapeRun;
}

export const scrapeProgress = defineQuery<ScrapeProgress>('progress');
/** Begins no further batch until it is resumed. */
export const pauseScrape = defineSignal('pause');
export const resumeScrape = defineSignal('resume');
/** Ends the crawl after the batches under way, and seals what there is; the frontier keeps the rest for the next run. */
export const drainScrape = defineSignal('drain');

/** A batch makes six events, more where it is retried; Temporal suggests at some 4,000. */
const BATCHES_PER_RUN = 500;
/** Crawls tell that they live every few seconds: what a killed worker had is taken up soon. */
const CRAWL_HEARTBEAT = '15 seconds';
/** A host that asks for longer is gone to by the next scheduled run. */
const MOST_IDLE_MS = 30 * 60_000;
const LEAST_SLEEP_MS = 1000;
const MOST_SLEEP_MS = 60_000;

/** One scheduled run of a job: crawl, seal what is new, have it committed. */
export async function scrapeSource(input: ScrapeSourceInput): Promise<ScrapeProgress> {
  const { hotkey, netuid, job, batchPages, parallel = 1, batchesPerRun = BATCHES_PER_RUN } = input;
  const run = input.carried ?? beginRun(job, Date.now());
  const { progress } = run;
  let batches = 0;
  setHandler(scrapeProgress, () => shownProgress(run));
  setHandler(pauseScrape, () => void (run.pausedSinceMs ??= Date.now()));
  setHandler(resumeScrape, () => resume(run));
  setHandler(drainScrape, () => void (progress.draining = true));
  const http = pool<ScrapeActivities>(hotkey, 'http', { heartbeatTimeout: CRAWL_HEARTBEAT });
  const browser = pool<ScrapeActivities>(hotkey, 'browser', { heartbeatTimeout: CRAWL_HEARTBEAT });
  const data = pool<SealActivities>(hotkey, 'data');

  const enter = (state: ScrapeState): void => void Object.assign(progress, { state, sinceMs: Date.now() });
  const isLong = (): boolean => batches >= batchesPerRun || workflowInfo().continueAsNewSuggested;
  /** Whether another batch may begin; waits while the crawl is paused. */
  const mayBegin = async (): Promise<boolean> => {
    await condition(() => run.pausedSinceMs === null || progress.draining);
    return !progress.draining && !isLong();
  };

  /** Sleeps while every host is to be left alone; gives false where that has gone on for too long: the rest is the next run's. */
  const waitForHosts = async ({ waitMs }: CrawlReport): Promise<boolean> => {
    if (waitMs === null || idleMs(run, Date.now()) >= MOST_IDLE_MS) return false;
    const ms = Math.min(Math.max(waitMs, LEAST_SLEEP_MS), MOST_SLEEP_MS);
    await condition(() => progress.draining, ms);
    return true;
  };

  /** Ends when nothing is left, when all pages that may be are fetched, or when no batch may begin: then it gives true. */
  const crawl = async (): Promise<boolean> => {
    let more = true;
    let begun = 0;
    const left = (): number => progress.of - progress.pages - begun;
    const oneByOne = async (): Promise<void> => {
      while (more && left() > 0 && (await mayBegin()) && left() > 0) {
        const pages = Math.min(batchPages, left());
        batches += 1;
        begun += pages;
        const batch = await http.crawlBatch({ job, queue: 'http', pages });
        begun -= pages;
        noteBatch(run, batch, 'http', Date.now());
        more = batch.remaining.http > 0 && (batch.pages > 0 || (await waitForHosts(batch)));
      }
    };
    await Promise.all(Array.from({ length: parallel }, oneByOne));
    return more && left() > 0;
  };
  /** Shows in the browser what was put aside because its text comes by scripts. Ends as `crawl` does. */
  const render = async (): Promise<boolean> => {
    let more = run.remaining.browser > 0;
    while (more && (await mayBegin())) {
      batches += 1;
      const batch = await browser.crawlBatch({ job, queue: 'browser', pages: batchPages });
      noteBatch(run, batch, 'browser', Date.now());
      more = batch.pages > 0 && batch.remaining.browser > 0;
    }
    return more;
  };

  if (progress.state === 'opening') {
    if (await mayBegin()) await http.openCrawl({ job });
    enter('crawling');
  }
  while (!progress.draining) {
    const before = progress.rendered;
    const isCutShort = progress.state === 'crawling' ? await crawl() : await render();
    if (isCutShort) {
      // Signals that came while the last batches ran are in `run` by now.
      if (!progress.draining) await continueAsNew<typeof scrapeSource>({ ...input, carried: run });
    } else if (progress.state === 'crawling') {
      enter('rendering');
    } else {
      // What the browser showed may link to more.
      const hasLinks = progress.rendered > before && run.remaining.http > 0 && progress.pages < progress.of;
      if (!hasLinks) break;
      enter('crawling');
    }
  }

  enter('sealing');
  const { rows: sealed, duplicates, manifest, waiting } = await data.sealManifest({ job: job.id });
  Object.assign(progress, { sealed, duplicates, manifest });
  // The commitment may have to wait for the next epoch's byte budget; the next scrape need not.
  if (waiting.length > 0) await startPublishing({ hotkey, netuid });
  enter('done');
  return progress;
}
