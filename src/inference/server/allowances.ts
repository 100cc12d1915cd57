import { BeyondAllowance } from './errors.ts';
import { periodOf } from './served-task.ts';
import type { ServedTask } from './served-task.ts';
import { createMemoryTakings } from './takings.ts';
import type { Taking, Takings } from './takings.ts';

/** What one caller had of a task in a period, in its unit. */
export interface CallerVolume extends Taking {
  /** As the caller's stake is now; stake moves within a period. */
  owed: number;
}

export interface Allowances {
  /**
   * Takes units from what the caller is owed in the period that runs.
   * @returns gives them back, for a request that was never begun
   * @throws BeyondAllowance
   */
  take: (served: ServedTask, caller: string, units: number) => Promise<() => Promise<void>>;
  /** What callers had of a task in the period that runs or in the one before; of earlier ones nothing is kept. */
  volumes: (served: ServedTask, period: number) => Promise<ReadonlyMap<string, Readonly<CallerVolume>>>;
}

/** Units of `served.volume` that a caller may have in a period: its share by stake. */
export type Owed = (served: ServedTask, caller: string) => number | Promise<number>;

/**
 * Counts what callers take of each task, period by period.
 * @param owed asked for each time
 * @param now milliseconds since 1970
 */
export function createAllowances(owed: Owed, now: () => number, takings: Takings = createMemoryTakings()): Allowances {
  return {
    async take(served, caller, units) {
      const { name: task, period_ms: periodMs } = served.task;
      const nowMs = now();
      const period = periodOf(served.task, nowMs);
      const endsInMs = (period + 1) * periodMs - nowMs;
      const request = { task, period, caller, owed: await owed(served, caller), keptMs: endsInMs + periodMs };
      const { isOwed, taken } = await takings.take({ ...request, units });
      if (!isOwed) throw new BeyondAllowance(task, request.owed, taken, endsInMs);
      return async () => void (await takings.take({ ...request, units: -units }));
    },
    async volumes(served, period) {
      const current = periodOf(served.task, now());
      if (period !== current && period !== current - 1) return new Map();
      const volumes = new Map<string, CallerVolume>();
      for (const [caller, taking] of await takings.of(served.task.name, period)) {
        volumes.set(caller, { owed: await owed(served, caller), ...taking });
      }
      return volumes;
    },
  };
}
