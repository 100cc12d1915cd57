import { expect, it } from 'vitest';
import { beginRun, idleMs, noteBatch, resume } from '../../workflows/scrape-progress.ts';
import { crawlJob } from '../support/crawl-job.ts';

const report = (pages: number) => ({
  ...{ pages, records: 0, failed: {}, batch: null, hostsWaiting: 1, waitMs: 60_000 },
  remaining: { http: 5, browser: 0 },
});

it('counts by the clock for how long a run finds nothing to fetch, however many batches it has under way', () => {
  const run = beginRun(crawlJob('job'), 0);
  for (const nowMs of [1000, 1000, 1000, 61_000, 61_000, 61_000]) noteBatch(run, report(0), 'http', nowMs);
  expect(idleMs(run, 121_000)).toBe(120_000);
  noteBatch(run, report(3), 'http', 121_000);
  expect(idleMs(run, 180_000)).toBe(0);
});

it('begins to count anew when a run is resumed', () => {
  const run = beginRun(crawlJob('job'), 0);
  noteBatch(run, report(0), 'http', 1000);
  run.pausedSinceMs = 2000;
  resume(run);
  expect([run.pausedSinceMs, idleMs(run, 9_000_000)]).toEqual([null, 0]);
});
