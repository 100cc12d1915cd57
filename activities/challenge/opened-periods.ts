import type { PeriodPlan } from '../../src/inference/challenge/period-plan.ts';
import { scheduleOf } from '../../src/inference/challenge/planned-queries.ts';
import type { Schedule } from '../../src/inference/challenge/planned-queries.ts';
import { secretFor } from './anchor-secret.ts';
import type { ChallengeDeps } from './deps.ts';

export interface OpenedPeriod {
  plan: PeriodPlan;
  schedule: Schedule;
}

/** Two periods of each of a few lengths overlap at their ends. */
const REMEMBERED = 6;

/** Plans with their schedules, by digest: drawing all queries of a large period takes seconds, so it is done once a process. */
export function createOpenedPeriods(deps: ChallengeDeps): (digest: string) => Promise<OpenedPeriod> {
  const opened = new Map<string, Promise<OpenedPeriod>>();

  async function open(digest: string): Promise<OpenedPeriod> {
    const plan = JSON.parse(new TextDecoder().decode(await deps.store.get(digest))) as PeriodPlan;
    const schedule = await scheduleOf(plan, await secretFor(deps, plan), deps.unitsOf);
    return { plan, schedule };
  }

  return (digest) => {
    const known = opened.get(digest);
    if (known !== undefined) return known;
    const opening = open(digest);
    opened.set(digest, opening);
    opening.catch(() => opened.delete(digest));
    for (const old of [...opened.keys()].slice(0, -REMEMBERED)) opened.delete(old);
    return opening;
  };
}
