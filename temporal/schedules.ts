import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { isValidAt, momentUs } from '../src/core/wanted.ts';
import type { WantedJob } from '../src/core/wanted.ts';
import type { CheckHealthInput } from '../workflows/check-health.ts';
import type { CopyOthersInput } from '../workflows/copy-others.ts';
import type { ScrapeSourceInput } from '../workflows/scrape-source.ts';

export interface ScheduleOwner {
  hotkey: string;
  netuid: number;
}

export interface ScrapeSchedule extends ScheduleOwner {
  job: WantedJob;
  everySeconds: number;
  /** Pages of one workflow step. */
  batchPages: number;
  /** How often it runs at all; null for ever. */
  runs: number | null;
}

export interface CopySchedule extends ScheduleOwner {
  everySeconds: number;
}

export interface HealthSchedule extends ScheduleOwner {
  role: 'miner' | 'validator';
  everyMinutes: number;
}

interface Plan {
  id: string;
  role: 'miner' | 'validator';
  /** Null where it is about none. */
  source: string | null;
  everySeconds: number;
  runs: number | null;
  /** Whether the interval of a schedule that is there already is set anew. */
  renew: boolean;
  /** When it runs at all; absent: always. */
  dates?: Pick<WantedJob, 'from' | 'until'>;
  workflowType: 'scrapeSource' | 'copyOthers' | 'checkHealth';
  input: ScrapeSourceInput | CopyOthersInput | CheckHealthInput;
}

/**
 * Has a job scraped again and again while it is valid, the first time at once. A schedule that is there already is left as it is, unless the job has
 * dates: they may have been moved.
 */
export async function scheduleScrape(client: Client, schedule: ScrapeSchedule): Promise<string> {
  const { hotkey, netuid, job, batchPages } = schedule;
  return await schedulePlan(client, schedule, {
    id: `scrape-${netuid}-${hotkey.slice(0, 8)}-${job.id}`,
    role: 'miner',
    source: job.source,
    everySeconds: schedule.everySeconds,
    runs: schedule.runs,
    renew: job.from !== undefined || job.until !== undefined,
    dates: job,
    workflowType: 'scrapeSource',
    input: { hotkey, netuid, job: job.id, maxPages: job.max_pages, batchPages },
  });
}

/** Has the copier of a development network try again and again. */
export async function scheduleCopy(client: Client, schedule: CopySchedule): Promise<string> {
  const { hotkey, netuid, everySeconds } = schedule;
  return await schedulePlan(client, schedule, {
    id: `copy-${netuid}-${hotkey.slice(0, 8)}`,
    role: 'miner',
    source: 'web',
    everySeconds,
    runs: null,
    renew: false,
    workflowType: 'copyOthers',
    input: { hotkey, netuid },
  });
}

/** Has an operator looked after, the first time at once; a new interval is taken over. */
export async function scheduleHealth(client: Client, schedule: HealthSchedule): Promise<string> {
  const { hotkey, netuid, role, everyMinutes } = schedule;
  return await schedulePlan(client, schedule, {
    id: `health-${role}-${netuid}-${hotkey.slice(0, 8)}`,
    role,
    source: null,
    everySeconds: everyMinutes * 60,
    runs: null,
    renew: true,
    workflowType: 'checkHealth',
    input: { hotkey, netuid },
  });
}

async function schedulePlan(client: Client, owner: ScheduleOwner, plan: Plan): Promise<string> {
  const { hotkey, netuid } = owner;
  const typedSearchAttributes = searchPairs({
    ...{ role: plan.role, hotkey, netuid },
    ...(plan.source === null ? {} : { source: plan.source }),
  });
  const { from, until } = plan.dates ?? {};
  const spec = {
    intervals: [{ every: `${plan.everySeconds} seconds` as const }],
    ...(from === undefined ? {} : { startAt: new Date(momentUs(from) / 1000) }),
    ...(until === undefined ? {} : { endAt: new Date(momentUs(until) / 1000) }),
  };
  const atOnce = isValidAt(plan.dates ?? {}, Date.now() * 1000);
  try {
    await client.schedule.create({
      scheduleId: plan.id,
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      // The run at once is not among those that the server counts.
      state: {
        triggerImmediately: atOnce,
        ...(plan.runs === null ? {} : { remainingActions: plan.runs - (atOnce ? 1 : 0) }),
      },
      action: {
        type: 'startWorkflow',
        workflowType: plan.workflowType,
        workflowId: plan.id,
        taskQueue: taskQueue(hotkey, 'control'),
        args: [plan.input],
        typedSearchAttributes,
      },
      typedSearchAttributes,
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    if (plan.renew) await client.schedule.getHandle(plan.id).update((known) => ({ ...known, spec }));
  }
  return plan.id;
}
