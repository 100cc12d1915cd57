import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { ScheduleSpec } from '@temporalio/client';
import { assertJobFits } from '../../src/core/crawl-job.ts';
import type { CrawlJob } from '../../src/core/crawl-job.ts';
import type { JobSchedule } from '../../src/core/job-schedule.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { searchPairs } from '../../src/core/search-attributes.ts';
import type { SearchPair } from '../../src/core/search-attributes.ts';
import { momentUs } from '../../src/core/wanted.ts';
import type { ScrapeSourceInput } from '../../workflows/scrape-source.ts';

/** Whose schedules they are, and how their runs work. */
export interface JobScheduleOwner {
  hotkey: string;
  netuid: number;
  /** Pages of one workflow step. */
  batchPages: number;
  /** Steps of one run that are under way at once. */
  parallel: number;
}

/** Who made a schedule: the list of wanted jobs, which the miner keeps it in step with, or a person with a job file. */
export type JobOrigin = 'wanted' | 'file';

export interface ScheduledJob {
  job: CrawlJob;
  schedule: JobSchedule;
  origin: JobOrigin;
}

/** What a schedule's runs carry along for those who look at it: Temporal gives cron lines back as calendars. */
export interface RunMemo {
  origin: JobOrigin;
  schedule: JobSchedule;
}

export function scheduleIdPrefix({ hotkey, netuid }: JobScheduleOwner): string {
  return `scrape-${netuid}-${hotkey.slice(0, 8)}-`;
}

export function scheduleId(owner: JobScheduleOwner, job: string): string {
  return scheduleIdPrefix(owner) + job;
}

/** When Temporal is to start runs; with neither interval nor cron line, never by itself. */
export function specOf({ every_seconds: every, cron, timezone, jitter_seconds: jitter, from, until }: JobSchedule) {
  return {
    ...(every === null ? {} : { intervals: [{ every: `${every} seconds` as const }] }),
    ...(cron === null ? {} : { cronExpressions: [cron], timezone }),
    ...(jitter === 0 ? {} : { jitter: `${jitter} seconds` as const }),
    ...(from === null ? {} : { startAt: new Date(momentUs(from) / 1000) }),
    ...(until === null ? {} : { endAt: new Date(momentUs(until) / 1000) }),
  } satisfies ScheduleSpec;
}

/**
 * What a run of the job starts.
 * @throws InvalidInputError for a job that is too large to travel in it
 */
export function actionOf(owner: JobScheduleOwner, { job, schedule, origin }: ScheduledJob) {
  assertJobFits(job);
  const { hotkey, netuid, batchPages, parallel } = owner;
  const input: ScrapeSourceInput = { hotkey, netuid, job, batchPages, parallel };
  const memo: RunMemo = { origin, schedule };
  return {
    type: 'startWorkflow' as const,
    workflowType: 'scrapeSource',
    workflowId: scheduleId(owner, job.id),
    taskQueue: taskQueue(hotkey, 'control'),
    args: [input],
    memo: { ...memo },
    typedSearchAttributes: attributesOf(owner, job),
  };
}

export function attributesOf({ hotkey, netuid }: JobScheduleOwner, job: CrawlJob): SearchPair[] {
  return searchPairs({ role: 'miner', hotkey, netuid, source: job.source });
}

/** A run is passed over while the one before goes on, and one that nobody could start within a minute is missed. */
export const POLICIES = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' } as const;
