import type { Allowances } from './allowances.ts';
import { orAborted } from './backend.ts';
import type { ServedTask } from './served-task.ts';
import { createTaskQueue } from './task-queue.ts';
import type { TaskQueue } from './task-queue.ts';

export interface AdmissionRequest {
  served: ServedTask;
  caller: string;
  /** The most that the answer can count. */
  units: number;
  /** Aborts at the task's time limit, or when the caller is gone. */
  signal: AbortSignal;
}

export interface Turn {
  end: () => void;
  /** Gives back what the request took of the caller's allowance. Once at most. */
  giveBack: () => void;
}

export interface Admission {
  /**
   * Waits until a request's turn has come. What it takes of the caller's allowance is given back where its turn never comes.
   * @throws BeyondAllowance, QueueFull, or the reason of the signal
   */
  admit: (request: AdmissionRequest) => Promise<Turn>;
  /** What every task that was asked for works on, and has waiting. */
  counts: () => { task: string; running: number; waiting: number }[];
}

/** Lets requests in: each task has its own queue, each caller what it is owed. */
export function createAdmission(allowances: Pick<Allowances, 'take'>): Admission {
  const queues = new Map<string, TaskQueue>();
  return {
    async admit({ served, caller, units, signal }) {
      const queue = queues.get(served.task.name) ?? createTaskQueue();
      queues.set(served.task.name, queue);
      const taking = allowances.take(served, caller, units);
      // Not awaited: where it is slow to take, as while Redis is away, the caller is not held up. Where nothing was taken, nothing is given back.
      const giveBack = (): void => void taking.then((untake) => untake()).catch(() => undefined);
      try {
        await orAborted(taking, signal);
        return { end: await queue.enter(caller, served, signal), giveBack };
      } catch (error) {
        giveBack();
        throw error;
      }
    },
    counts: () => [...queues].map(([task, queue]) => ({ task, ...queue.counts() })),
  };
}
