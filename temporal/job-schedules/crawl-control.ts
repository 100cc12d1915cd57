import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { taskQueue } from '../../src/core/queues.ts';
import type { ScrapeProgress } from '../../workflows/scrape-progress.ts';
import type { scrapeSource } from '../../workflows/scrape-source.ts';
import { isServed } from '../served.ts';
import { MinerNotRunning, NotCrawling } from './errors.ts';
import type { JobSchedules } from './job-schedules.ts';
import type { JobRun } from './view.ts';

/** What may be told to a run that is under way. */
export type CrawlSignal = 'pause' | 'resume' | 'drain';

/** The runs of a hotkey's jobs that are under way. */
export interface CrawlControl {
  /** @throws NotCrawling, ScheduleUnknown */
  signal(job: string, signal: CrawlSignal): Promise<JobRun>;
  /** @throws NotCrawling, ScheduleUnknown, MinerNotRunning */
  progress(job: string): Promise<ScrapeProgress>;
  /** Waits for a run's end over all its continuations. @throws MinerNotRunning */
  follow(run: JobRun, onProgress: (progress: ScrapeProgress) => void): Promise<ScrapeProgress>;
}

export function createCrawlControl(client: Client, hotkey: string, schedules: JobSchedules): CrawlControl {
  const runningOf = async (job: string): Promise<JobRun> => {
    const [run] = (await schedules.show(job)).running;
    if (run === undefined) throw new NotCrawling(job);
    return run;
  };
  const needMiner = async (): Promise<void> => {
    if (!(await isServed(client, taskQueue(hotkey, 'control')))) throw new MinerNotRunning(hotkey);
  };
  const latest = ({ workflowId, firstRunId }: JobRun): WorkflowHandle<typeof scrapeSource> =>
    client.workflow.getHandle<typeof scrapeSource>(workflowId, undefined, { firstExecutionRunId: firstRunId });

  return {
    async signal(job, signal) {
      const run = await runningOf(job);
      try {
        await latest(run).signal(signal);
      } catch (error) {
        // It ended a moment ago.
        throw error instanceof WorkflowNotFoundError ? new NotCrawling(job) : error;
      }
      return run;
    },

    async progress(job) {
      const run = await runningOf(job);
      await needMiner();
      return await latest(run).query<ScrapeProgress>('progress');
    },

    async follow(run, onProgress) {
      await needMiner();
      // The first part's handle leads through all that follow it.
      const result = client.workflow.getHandle<typeof scrapeSource>(run.workflowId, run.firstRunId).result();
      const ended = result.then(
        () => true,
        () => true,
      );
      for (let isOver = false; !isOver;) {
        // A run that has just been continued, or just ended, answers at the next try.
        const progress = await latest(run)
          .query<ScrapeProgress>('progress')
          .catch(() => null);
        if (progress !== null) onProgress(progress);
        isOver = await Promise.race([ended, sleep(POLL_MS, false)]);
      }
      return await result;
    },
  };
}

const POLL_MS = 500;
