import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import type { CheckHealthInput } from '../workflows/check-health.ts';
import type { CopyOthersInput } from '../workflows/copy-others.ts';

export interface ScheduleOwner {
  hotkey: string;
  netuid: number;
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
  /** Whether the interval of a schedule that is there already is set anew. */
  renew: boolean;
  workflowType: 'copyOthers' | 'checkHealth';
  input: CopyOthersInput | CheckHealthInput;
}

/** Has the copier of a development network try again and again. */
export async function scheduleCopy(client: Client, schedule: CopySchedule): Promise<string> {
  const { hotkey, netuid, everySeconds } = schedule;
  return await schedulePlan(client, schedule, {
    id: `copy-${netuid}-${hotkey.slice(0, 8)}`,
    role: 'miner',
    source: 'web',
    everySeconds,
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
  const spec = { intervals: [{ every: `${plan.everySeconds} seconds` as const }] };
  try {
    await client.schedule.create({
      scheduleId: plan.id,
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      state: { triggerImmediately: true },
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
