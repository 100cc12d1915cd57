import { Worker } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import { mapFailures } from '../activities/failures.ts';
import type { Pool } from '../src/core/queues.ts';
import { POOLS, taskQueue } from '../src/core/queues.ts';

type Activities = Parameters<typeof mapFailures>[0];

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  /** SS58 address of the operator: names the task queues. */
  hotkey: string;
  /** File of the workflow bundle, for the control pool. */
  bundle: string;
  /** What each pool of activities can do; pools without a word here are not started. */
  activities: Partial<Record<Exclude<Pool, 'control'>, Activities>>;
}

/** An operator's workers, one a pool. */
export interface Workers {
  /** Resolves once all have stopped; rejects when one fails. */
  run(): Promise<void>;
  shutdown(): void;
}

/**
 * How much of each pool's work one process does at a time. Parquet and browsers fill cores; what goes by HTTP waits, and there is room for one
 * slow server of every key that a subnet has (256), so that none keeps a validator from the others.
 */
const AT_ONCE: Record<Exclude<Pool, 'control'>, number> = { http: 300, browser: 1, data: 4, chain: 8, inference: 16 };

export async function createWorkers(options: WorkersOptions): Promise<Workers> {
  const { connection, namespace, hotkey } = options;
  const shared = { connection, namespace, shutdownGraceTime: '5 seconds' } as const;
  const workers = await Promise.all(
    POOLS.map(async (pool) => {
      const queue = { ...shared, taskQueue: taskQueue(hotkey, pool) };
      if (pool === 'control') return await Worker.create({ ...queue, workflowBundle: { codePath: options.bundle } });
      const activities = options.activities[pool];
      if (activities === undefined) return null;
      const maxConcurrentActivityTaskExecutions = AT_ONCE[pool];
      return await Worker.create({
        ...queue,
        activities: mapFailures(activities),
        maxConcurrentActivityTaskExecutions,
      });
    }),
  );
  const started = workers.filter((worker) => worker !== null);
  return {
    async run() {
      await Promise.all(started.map((worker) => worker.run()));
    },
    shutdown() {
      for (const worker of started) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}
