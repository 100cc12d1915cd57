import type { Client } from '@temporalio/client';
import { crawlJobOf } from '../../src/core/crawl-job.ts';
import { isValidAt } from '../../src/core/wanted.ts';
import type { WantedJob } from '../../src/core/wanted.ts';
import { ScheduleExists, ScheduleOutdated } from './errors.ts';
import { createJobSchedules } from './job-schedules.ts';
import { scheduleId } from './plan.ts';
import type { JobScheduleOwner, ScheduledJob } from './plan.ts';

export interface WantedSchedules extends JobScheduleOwner {
  /** Pages to start from besides the jobs' own. */
  seeds: readonly string[];
  everySeconds: number;
  /** How often each job runs at all; null for ever. */
  runs: number | null;
}

/**
 * Has a wanted job crawled again and again while it is valid, the first time at once. A schedule that is there already gets the job as the list has
 * it now and keeps its interval, unless the job has dates: they may have been moved. One that a person made of a job file stays theirs.
 */
export async function scheduleWanted(client: Client, options: WantedSchedules, wanted: WantedJob): Promise<string> {
  const schedules = createJobSchedules(client, options);
  const { from = null, until = null } = wanted;
  const item: ScheduledJob = {
    job: crawlJobOf(wanted, options.seeds),
    schedule: {
      ...{ every_seconds: options.everySeconds, cron: null, timezone: 'UTC', jitter_seconds: 0 },
      ...{ from, until, runs: options.runs },
    },
    origin: 'wanted',
  };
  try {
    return await schedules.create(item, { atOnce: isValidAt(wanted, Date.now() * 1000) });
  } catch (error) {
    if (!(error instanceof ScheduleExists)) throw error;
  }
  const there = await schedules.show(wanted.id).catch(ifOutdated);
  if (there === null) await schedules.update(item);
  else if (there.origin === 'wanted') {
    const hasDates = from !== null || until !== null;
    const schedule = hasDates ? { ...item.schedule, runs: there.schedule.runs } : there.schedule;
    const isSame = JSON.stringify([there.job, there.schedule]) === JSON.stringify([item.job, schedule]);
    // What is left of its runs stays what it is.
    if (!isSame) await schedules.update({ ...item, schedule: { ...schedule, runs: there.remaining } });
  }
  return scheduleId(options, wanted.id);
}

function ifOutdated(error: unknown): null {
  if (error instanceof ScheduleOutdated) return null;
  throw error;
}
