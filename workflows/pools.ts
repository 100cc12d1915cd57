import { proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { taskQueue } from '../src/core/queues.ts';
import type { Pool } from '../src/core/queues.ts';

/**
 * Activities of one operator's pool of workers. Work that shows its progress is taken up again half a minute after its worker was last heard of;
 * outages of peers, Redis or the chain are waited out.
 */
export function pool<T>(hotkey: string, name: Pool, options: Partial<ActivityOptions> = {}) {
  return proxyActivities<T>({
    taskQueue: taskQueue(hotkey, name),
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
    ...options,
  });
}
