import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleHandle } from '@temporalio/client';
import { RunNotStarted, ScheduleExists, ScheduleUnknown } from './errors.ts';
import { actionOf, attributesOf, POLICIES, scheduleId, scheduleIdPrefix, specOf } from './plan.ts';
import type { JobScheduleOwner, ScheduledJob } from './plan.ts';
import { viewOf } from './view.ts';
import type { JobRun, JobScheduleView } from './view.ts';

/** The schedules by which a hotkey's jobs are crawled; each is named by its job. Every call but `create` throws ScheduleUnknown. */
export interface JobSchedules {
  /** @throws ScheduleExists */
  create(item: ScheduledJob, options?: { atOnce?: boolean }): Promise<string>;
  /** Replaces what is crawled and when; whether it is paused stays as it is. */
  update(item: ScheduledJob): Promise<void>;
  list(): Promise<JobScheduleView[]>;
  show(job: string): Promise<JobScheduleView>;
  /** No run is started until it is resumed; one that is under way goes on. */
  pause(job: string, note: string): Promise<void>;
  resume(job: string, note: string): Promise<void>;
  /** Starts a run now, or gives the one that is under way. */
  trigger(job: string): Promise<{ run: JobRun; started: boolean }>;
  /** Starts a run for each time of the schedule within the span, one after the other. */
  backfill(job: string, span: { from: Date; until: Date }): Promise<void>;
  /** A run that is under way goes on. */
  delete(job: string): Promise<void>;
}

export function createJobSchedules(client: Client, owner: JobScheduleOwner): JobSchedules {
  const known = async (): Promise<string[]> => {
    const prefix = scheduleIdPrefix(owner);
    const ids: string[] = [];
    for await (const { scheduleId: id } of client.schedule.list()) if (id.startsWith(prefix)) ids.push(id);
    return ids.sort().map((id) => id.slice(prefix.length));
  };
  const on = async <T>(job: string, work: (handle: ScheduleHandle) => Promise<T>): Promise<T> => {
    try {
      return await work(client.schedule.getHandle(scheduleId(owner, job)));
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new ScheduleUnknown(job, await known());
    }
  };
  const show = async (job: string): Promise<JobScheduleView> => viewOf(await on(job, (handle) => handle.describe()));

  return {
    show,

    async create(item, { atOnce = false } = {}) {
      const { job, schedule } = item;
      try {
        await client.schedule.create({
          scheduleId: scheduleId(owner, job.id),
          spec: specOf(schedule),
          policies: POLICIES,
          // The run at once is not among those that the server counts.
          state: {
            triggerImmediately: atOnce,
            ...(schedule.runs === null ? {} : { remainingActions: schedule.runs - (atOnce ? 1 : 0) }),
          },
          action: actionOf(owner, item),
          typedSearchAttributes: attributesOf(owner, job),
        });
      } catch (error) {
        throw error instanceof ScheduleAlreadyRunning ? new ScheduleExists(job.id) : error;
      }
      return scheduleId(owner, job.id);
    },

    async update(item) {
      const { job, schedule } = item;
      const [spec, action] = [specOf(schedule), actionOf(owner, item)];
      await on(job.id, (handle) =>
        handle.update(({ policies, state }) => {
          const { paused, note } = state;
          const ends = schedule.runs === null ? {} : { remainingActions: schedule.runs };
          return {
            spec,
            action,
            policies,
            state: { paused, ...(note === undefined ? {} : { note }), ...ends },
            typedSearchAttributes: attributesOf(owner, job),
          };
        }),
      );
    },

    async list() {
      const views = await Promise.all((await known()).map((job) => show(job).catch(ifDeleted)));
      return views.filter((view) => view !== null);
    },

    pause: (job, note) => on(job, (handle) => handle.pause(note)),
    resume: (job, note) => on(job, (handle) => handle.unpause(note)),
    delete: (job) => on(job, (handle) => handle.delete()),

    backfill: (job, { from, until }) =>
      on(job, (handle) => handle.backfill({ start: from, end: until, overlap: ScheduleOverlapPolicy.BUFFER_ALL })),

    async trigger(job) {
      const before = await show(job);
      const [running] = before.running;
      if (running !== undefined) return { run: running, started: false };
      // Temporal does not keep track of runs that may overlap.
      await on(job, (handle) => handle.trigger(ScheduleOverlapPolicy.SKIP));
      for (let waitedMs = 0; waitedMs < STARTED_WITHIN_MS; waitedMs += POLL_MS) {
        const { last, running: now } = await show(job);
        if (last !== null && last.firstRunId !== before.last?.firstRunId) return { run: last, started: true };
        // Another run began just before, and this one was passed over.
        const [other] = now;
        if (other !== undefined) return { run: other, started: false };
        await sleep(POLL_MS);
      }
      throw new RunNotStarted(job, STARTED_WITHIN_MS);
    },
  };
}

/** A list may still name a schedule that was deleted a moment ago. */
function ifDeleted(error: unknown): null {
  if (error instanceof ScheduleUnknown) return null;
  throw error;
}

/** Far longer than a server takes that is up. */
const STARTED_WITHIN_MS = 30_000;
const POLL_MS = 100;
