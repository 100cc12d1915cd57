import { slotsOf } from '../src/inference/challenge/period-plan.ts';
import { anchorSecret } from './challenge/anchor-secret.ts';
import { askSlot } from './challenge/ask-slot.ts';
import type { SlotCounts } from './challenge/ask-slot.ts';
import { checkSlot } from './challenge/check-slot.ts';
import { closePeriod } from './challenge/close-period.ts';
import type { ClosedCounts } from './challenge/close-period.ts';
import type { ChallengeDeps, PeriodInput } from './challenge/deps.ts';
import { createOpenedPeriods, readPlan } from './challenge/opened-periods.ts';
import { openPeriod } from './challenge/open-period.ts';
import { createTurns } from './challenge/turns.ts';

/** A period that has a plan. */
export interface PlannedPeriod {
  /** Digest of the plan. */
  plan: string;
  /** Milliseconds since 1970. */
  opens_ms: number;
  slot_ms: number;
  full_load: boolean;
  miners: number;
  /** Slots that have requests. */
  slots: number[];
}

/** A slot of a plan. */
export interface SlotInput {
  plan: string;
  slot: number;
}

export type ChallengeActivities = ReturnType<typeof createChallengeActivities>;

/** The steps of a challenge period; each may be done again after a crash. */
export function createChallengeActivities(deps: ChallengeDeps) {
  const opened = createOpenedPeriods(deps);
  const turns = createTurns();
  return {
    /** Fixes a period's secret and anchors its digest. */
    async anchorSecret(input: PeriodInput): Promise<{ tasks: number; anchored: number | null }> {
      return await anchorSecret(deps, input);
    },

    /** Plans a period that has begun; null where it is over before there is a plan. */
    async openPeriod(input: PeriodInput): Promise<PlannedPeriod | null> {
      const digest = await openPeriod(deps, input);
      if (digest === null) return null;
      const { plan, schedule } = await opened(digest);
      const slots = Array.from({ length: slotsOf(plan) }, (_, slot) => slot).filter((slot) => schedule[slot]?.length);
      const { opens_ms, slot_ms, full_load } = plan;
      return { plan: digest, opens_ms, slot_ms, full_load, miners: plan.miners.length, slots };
    },

    /** Sends a slot's requests at their times. */
    async askSlot(input: SlotInput): Promise<SlotCounts> {
      return await askSlot(deps, await opened(input.plan), input.slot, turns);
    },

    /** Checks a slot's answers. */
    async checkSlot(input: SlotInput): Promise<{ checked: number }> {
      return await checkSlot(deps, await opened(input.plan), input.slot);
    },

    /** Adds up a period, archives it and reveals its secret. */
    async closePeriod(input: { plan: string }): Promise<ClosedCounts> {
      return await closePeriod(deps, await readPlan(deps, input.plan), input.plan);
    },
  };
}
