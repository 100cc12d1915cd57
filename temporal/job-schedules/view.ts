import type { ScheduleDescription } from '@temporalio/client';
import type { CrawlJob } from '../../src/core/crawl-job.ts';
import type { JobSchedule } from '../../src/core/job-schedule.ts';
import type { ScrapeSourceInput } from '../../workflows/scrape-source.ts';
import { ScheduleOutdated } from './errors.ts';
import type { JobOrigin, RunMemo } from './plan.ts';

/** A run that a schedule started. */
export interface JobRun {
  workflowId: string;
  /** Of its first part, where it was continued as new. */
  firstRunId: string;
}

/** A job's schedule as Temporal has it. */
export interface JobScheduleView {
  id: string;
  job: CrawlJob;
  schedule: JobSchedule;
  origin: JobOrigin;
  paused: boolean;
  /** Why it is paused, in the words of whoever did it; empty where it is not. */
  note: string;
  /** Runs so far. */
  taken: number;
  /** Runs passed over because the one before still went on. */
  skipped: number;
  /** Runs until it ends; null: no end. */
  remaining: number | null;
  last: (JobRun & { at: Date }) | null;
  next: Date | null;
  running: JobRun[];
}

/** @throws ScheduleOutdated */
export function viewOf({ scheduleId, action, state, info }: ScheduleDescription): JobScheduleView {
  const [input] = (action.args ?? []) as ScrapeSourceInput[];
  const { origin, schedule } = (action.memo ?? {}) as Partial<RunMemo>;
  if (typeof input?.job !== 'object' || origin === undefined || schedule === undefined) {
    throw new ScheduleOutdated(scheduleId);
  }
  const last = info.recentActions.at(-1);
  return {
    ...{ id: scheduleId, job: input.job, schedule, origin },
    paused: state.paused,
    note: state.paused ? (state.note ?? '') : '',
    taken: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    remaining: state.remainingActions ?? null,
    last: last === undefined ? null : { ...runOf(last.action), at: last.takenAt },
    next: info.nextActionTimes[0] ?? null,
    running: info.runningActions.map(runOf),
  };
}

function runOf({ workflow }: { workflow: { workflowId: string; firstExecutionRunId: string } }): JobRun {
  return { workflowId: workflow.workflowId, firstRunId: workflow.firstExecutionRunId };
}
