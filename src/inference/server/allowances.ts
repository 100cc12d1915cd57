import { BeyondAllowance } from './errors.ts';
import { periodOf } from './served-task.ts';
import type { ServedTask } from './served-task.ts';

/** What one caller had of a task in a period, in its unit. */
export interface CallerVolume {
  owed: number;
  taken: number;
  /** Asked for beyond what was owed. */
  beyond: number;
}

export interface Allowances {
  /**
   * Takes units from what the caller is owed in the period that runs.
   * @returns gives them back, for a request that was never begun
   * @throws BeyondAllowance
   */
  take: (served: ServedTask, caller: string, units: number) => () => void;
  /** What callers had of a task in the period that runs or in the one before; of earlier ones nothing is kept. */
  volumes: (task: string, period: number) => ReadonlyMap<string, Readonly<CallerVolume>>;
}

/**
 * Counts what callers take of each task, period by period.
 * @param owed units of `served.volume` that a caller may have in a period: its share by stake
 * @param now milliseconds since 1970
 */
export function createAllowances(owed: (served: ServedTask, caller: string) => number, now: () => number): Allowances {
  const byTask = new Map<string, Map<number, Map<string, CallerVolume>>>();

  const callersOf = (served: ServedTask, period: number): Map<string, CallerVolume> => {
    const periods = byTask.get(served.task.name) ?? new Map<number, Map<string, CallerVolume>>();
    const callers = periods.get(period) ?? new Map<string, CallerVolume>();
    byTask.set(served.task.name, periods.set(period, callers));
    for (const kept of periods.keys()) if (kept !== period && kept !== period - 1) periods.delete(kept);
    return callers;
  };

  return {
    take(served, caller, units) {
      const nowMs = now();
      const period = periodOf(served.task, nowMs);
      const callers = callersOf(served, period);
      const had = callers.get(caller) ?? { owed: 0, taken: 0, beyond: 0 };
      callers.set(caller, had);
      // Stake moves within a period, so what is owed is asked for each time.
      had.owed = owed(served, caller);
      if (had.taken + units > had.owed) {
        had.beyond += units;
        const retryAfterMs = (period + 1) * served.task.period_ms - nowMs;
        throw new BeyondAllowance(served.task.name, had.owed, had.taken, retryAfterMs);
      }
      had.taken += units;
      return () => {
        had.taken -= units;
      };
    },
    volumes: (task, period) => byTask.get(task)?.get(period) ?? new Map(),
  };
}
