import type { CrawlReport } from '../activities/scrape.ts';
import type { CrawlJob } from '../src/core/crawl-job.ts';

export type ScrapeState = 'opening' | 'crawling' | 'rendering' | 'sealing' | 'paused' | 'done';

/** How far a run is, over all its continuations. */
export interface ScrapeProgress {
  state: ScrapeState;
  /** When that state began, milliseconds since 1970. */
  sinceMs: number;
  /** Fetched by HTTP, whatever came of it. */
  pages: number;
  /** Pages that this run fetches at most. */
  of: number;
  /** Pages that a browser showed. */
  rendered: number;
  records: number;
  /** Given up for good, by reason. */
  failed: Record<string, number>;
  /** URLs that the frontier held when a batch last told of it: ready, to be tried again, or leased. */
  queued: number;
  /** Hosts whose turn was yet to come then. */
  hostsWaiting: number;
  /** Rows in the manifest. */
  sealed: number;
  duplicates: number;
  manifest: string | null;
  /** It was told to end after the batches under way. */
  draining: boolean;
}

/** What a run hands on when it is continued as new. */
export interface ScrapeRun {
  progress: ScrapeProgress;
  /** Milliseconds since 1970; null while it is not paused. */
  pausedSinceMs: number | null;
  /** Since when batches have found no page that may be fetched, milliseconds since 1970; null while they find some. */
  idleSinceMs: number | null;
  /** What the frontier held when a batch last told of it. */
  remaining: CrawlReport['remaining'];
}

export function beginRun(job: CrawlJob, nowMs: number): ScrapeRun {
  return {
    progress: {
      ...{ state: 'opening', sinceMs: nowMs, pages: 0, of: job.limits.pages, rendered: 0, records: 0, failed: {} },
      ...{ queued: 0, hostsWaiting: 0, sealed: 0, duplicates: 0, manifest: null, draining: false },
    },
    ...{ pausedSinceMs: null, idleSinceMs: null },
    remaining: { http: 0, browser: 0 },
  };
}

/** What is told of a run: a paused one says so until nothing is left that a pause holds up. */
export function shownProgress({ progress, pausedSinceMs }: ScrapeRun): ScrapeProgress {
  const { state, draining } = progress;
  if (pausedSinceMs === null || draining || state === 'sealing' || state === 'done') return progress;
  return { ...progress, state: 'paused', sinceMs: pausedSinceMs };
}

export function resume(run: ScrapeRun): void {
  run.pausedSinceMs = null;
  // Hosts may have become ready during the pause.
  run.idleSinceMs = null;
}

/** Notes what a batch reports. Batches that run side by side are idle together: that is counted by the clock. */
export function noteBatch(run: ScrapeRun, batch: CrawlReport, queue: 'http' | 'browser', nowMs: number): void {
  const { progress } = run;
  progress[queue === 'http' ? 'pages' : 'rendered'] += batch.pages;
  progress.records += batch.records;
  for (const [reason, count] of Object.entries(batch.failed)) {
    progress.failed[reason] = (progress.failed[reason] ?? 0) + count;
  }
  progress.hostsWaiting = batch.hostsWaiting;
  progress.queued = batch.remaining.http + batch.remaining.browser;
  run.remaining = batch.remaining;
  run.idleSinceMs = batch.pages > 0 ? null : (run.idleSinceMs ?? nowMs);
}

/** For how long batches have found nothing that may be fetched, ms. */
export function idleMs({ idleSinceMs }: ScrapeRun, nowMs: number): number {
  return idleSinceMs === null ? 0 : nowMs - idleSinceMs;
}
