import type { ScheduledJob } from '../../../temporal/job-schedules/plan.ts';
import type { JobSchedules } from '../../../temporal/job-schedules/job-schedules.ts';
import { assertJobFits } from '../../core/crawl-job.ts';
import { readJobFile } from '../job-file.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { whenText } from './schedule-text.ts';
import { withSchedules } from './with-schedules.ts';

interface DryRun {
  dryRun?: boolean;
}

/** Has a job file's job crawled from now on. */
export async function createSchedule(
  session: Session,
  file: string,
  options: DryRun & { runNow?: boolean },
): Promise<void> {
  const item = await scheduledJob(session, file);
  const { job, schedule } = item;
  const { out } = session;
  const what = `${job.id}: ${job.source}, ${whenText(schedule)}`;
  if (options.dryRun === true) return sayDryRun(session, `Would schedule ${what}.`, item);
  const id = await withSchedules(session, ({ schedules }) =>
    schedules.create(item, { atOnce: options.runNow === true }),
  );
  out.line(`Scheduled ${what}.`);
  if (schedule.every_seconds === null && schedule.cron === null)
    out.line(`It never runs by itself: "seine schedule trigger ${job.id}" starts a run.`, 'quiet');
  out.json({ id, job, schedule, done: true });
}

/** Replaces what is crawled and when. */
export async function updateSchedule(session: Session, file: string, options: DryRun): Promise<void> {
  const item = await scheduledJob(session, file);
  const { job, schedule } = item;
  const { out } = session;
  const what = `${job.id}: ${job.source}, ${whenText(schedule)}`;
  const id = await withSchedules(session, async ({ schedules }) => {
    const { id } = await schedules.show(job.id);
    if (options.dryRun !== true) await schedules.update(item);
    return id;
  });
  if (options.dryRun === true) return sayDryRun(session, `Would change ${what}.`, item);
  out.line(`Changed ${what}. A run that is under way ends as it began.`);
  out.json({ id, job, schedule, done: true });
}

export async function pauseSchedule(session: Session, job: string, options: DryRun & { note?: string }): Promise<void> {
  const note = options.note ?? 'paused by seine schedule pause';
  await change(session, job, options, {
    would: `Would pause ${job}.`,
    did: `Paused ${job}: no run begins until it is resumed. One that is under way goes on ("seine crawl pause ${job}" holds it up).`,
    run: (schedules) => schedules.pause(job, note),
  });
}

export async function resumeSchedule(session: Session, job: string, options: DryRun): Promise<void> {
  await change(session, job, options, {
    would: `Would resume ${job}.`,
    did: `Resumed ${job}.`,
    run: (schedules) => schedules.resume(job, 'resumed by seine schedule resume'),
  });
}

export async function deleteSchedule(session: Session, job: string, options: DryRun): Promise<void> {
  await change(session, job, options, {
    would: `Would delete the schedule of ${job}.`,
    did: `Deleted the schedule of ${job}. A run that is under way goes on; what was crawled and its frontier stay.`,
    run: (schedules) => schedules.delete(job),
  });
}

export async function backfillSchedule(
  session: Session,
  job: string,
  { from, until = new Date(), ...options }: DryRun & { from: Date; until?: Date },
): Promise<void> {
  if (from >= until) throw new UsageError('--from must lie before --until', { from, until });
  const span = `${from.toISOString()} until ${until.toISOString()}`;
  await change(session, job, options, {
    would: `Would run ${job} for each of its times from ${span}, one after the other.`,
    did: `${job} runs for each of its times from ${span}, one after the other.`,
    run: (schedules) => schedules.backfill(job, { from, until }),
  });
}

interface Change {
  would: string;
  did: string;
  run: (schedules: JobSchedules) => Promise<void>;
}

/** A dry run looks up the schedule too: what it says holds for one that is there. */
async function change(session: Session, job: string, options: DryRun, { would, did, run }: Change): Promise<void> {
  const done = options.dryRun !== true;
  const { id } = await withSchedules(session, async ({ schedules }) => {
    const view = await schedules.show(job);
    if (done) await run(schedules);
    return view;
  });
  session.out.line(done ? did : would);
  session.out.json({ id, job, done });
}

async function scheduledJob({ context }: Session, file: string): Promise<ScheduledJob> {
  const item: ScheduledJob = { ...(await readJobFile(context.cwd, file)), origin: 'file' };
  // Before anything is asked of Temporal.
  assertJobFits(item.job);
  return item;
}

function sayDryRun({ out }: Session, line: string, { job, schedule }: ScheduledJob): void {
  out.line(line);
  out.json({ id: null, job, schedule, done: false });
}
