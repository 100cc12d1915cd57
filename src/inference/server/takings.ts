/** Units that one caller had of a task in a period. */
export interface Taking {
  taken: number;
  /** Asked for beyond what was owed. */
  beyond: number;
}

export interface TakeRequest {
  task: string;
  /** Number of the period, counted from 1970. */
  period: number;
  caller: string;
  /** Whole; below 0 they are given back. */
  units: number;
  owed: number;
  /** For how long the count is asked for yet. */
  keptMs: number;
}

/** Where it is counted what callers take. */
export interface Takings {
  /** Takes units where as many are left of what is owed, else counts them as asked for beyond; at once with all other takings of the caller. */
  take: (request: TakeRequest) => Promise<{ isOwed: boolean; taken: number }>;
  /** What every caller had. */
  of: (task: string, period: number) => Promise<Map<string, Taking>>;
}

/** Counts in this process alone: they end with it. */
export function createMemoryTakings(): Takings {
  const byTask = new Map<string, Map<number, Map<string, Taking>>>();
  return {
    take({ task, period, caller, units, owed }) {
      const periods = byTask.get(task) ?? new Map<number, Map<string, Taking>>();
      const callers = periods.get(period) ?? new Map<string, Taking>();
      byTask.set(task, periods.set(period, callers));
      for (const kept of periods.keys()) if (kept < period - 1) periods.delete(kept);
      const had = callers.get(caller) ?? { taken: 0, beyond: 0 };
      callers.set(caller, had);
      const isOwed = units < 0 || had.taken + units <= owed;
      if (isOwed) had.taken += units;
      else had.beyond += units;
      return Promise.resolve({ isOwed, taken: had.taken });
    },
    of: (task, period) => Promise.resolve(new Map(byTask.get(task)?.get(period))),
  };
}
