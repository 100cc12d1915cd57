import type { PeriodPlan } from '../../src/inference/challenge/period-plan.ts';
import { scheduleOf } from '../../src/inference/challenge/planned-queries.ts';
import type { Schedule } from '../../src/inference/challenge/planned-queries.ts';
import type { ChallengeDeps } from './deps.ts';
import { plannedSecret } from './period-secret.ts';

export interface OpenedPeriod {
  plan: PeriodPlan;
  schedule: Schedule;
}

/** Two periods of each of a few lengths overlap at their ends. */
const REMEMBERED = 6;

export async function readPlan({ store }: Pick<ChallengeDeps, 'store'>, digest: string): Promise<PeriodPlan> {
  return JSON.parse(new TextDecoder().decode(await store.get(digest))) as PeriodPlan;
}

/** Plans with their schedules, by digest: drawing all queries of a large period takes seconds, so it is done once a process. */
export function createOpenedPeriods(deps: ChallengeDeps): (digest: string) => Promise<OpenedPeriod> {
  const opened = new Map<string, Promise<OpenedPeriod>>();

  async function open(digest: string): Promise<OpenedPeriod> {
    const plan = await readPlan(deps, digest);
    const schedule = await scheduleOf(plan, await plannedSecret(deps, plan), deps.unitsOf);
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
