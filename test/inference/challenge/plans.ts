import { planPeriod } from '../../../src/inference/challenge/period-plan.ts';
import type { PeriodPlan, PlanInput } from '../../../src/inference/challenge/period-plan.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';
import type { Task } from '../../../src/inference/tasks/task.ts';

export const SECRET = 'ab'.repeat(32);
export const PERIOD_MS = 600_000;

/** Two tasks: of one every answer is scored, of the other one answer. */
export const TASKS: readonly Task[] = tasksOf(
  {
    version: 1,
    tasks: [
      { name: 'text', kind: 'chat', model: 'toy', weight_ppm: 500_000, period_ms: PERIOD_MS },
      { name: 'one', kind: 'text-to-image', model: 'toy', weight_ppm: 500_000, period_ms: PERIOD_MS, scored: 'one' },
    ],
  },
  'test',
).tasks;

/** A plan of miners that state this much of each task. */
export function planOf(volumes: Readonly<Record<string, number>>, over: Partial<PlanInput> = {}): PeriodPlan {
  return planPeriod({
    ...{ netuid: 1, validator: 'validator', period_ms: PERIOD_MS, period: 7, full_load: true },
    seed_block: { number: 9, hash: `0x${'cd'.repeat(32)}` },
    ...{ opens_ms: 7 * PERIOD_MS, closes_ms: 8 * PERIOD_MS, slot_ms: 20_000, tasks: TASKS, secret: SECRET },
    miners: Object.entries(volumes).map(([hotkey, volume]) => ({
      ...{ hotkey, registered: 1, base: 'http://127.0.0.1:1' },
      capacity: TASKS.map(({ name, unit, period_ms }) => {
        return { task: name, unit, period_ms, volume, concurrency: 4 };
      }),
    })),
    ...{ owedOf: (stated: number) => stated, testedSharePpm: () => 50_000, requests: 1_000_000 },
    ...over,
  });
}
