import { defineQuery, log, setHandler, sleep } from '@temporalio/workflow';
import type { ChallengeActivities } from '../activities/challenge.ts';
import { pool } from './pools.ts';

export interface ChallengePeriodInput {
  /** SS58 address of the validator. */
  hotkey: string;
  netuid: number;
  periodMs: number;
  /** Number of the period, counted from 1970. */
  period: number;
}

export interface ChallengePeriodState {
  period: number;
  fullLoad: boolean;
  miners: number;
  /** The newest slot that was begun, and the last that has requests; null before there is a plan. */
  slot: number | null;
  lastSlot: number | null;
  /** Requests by how they ended, and answers that were checked, in slots that are done. */
  answered: number;
  limited: number;
  failed: number;
  skipped: number;
  checked: number;
}

export const challengePeriodState = defineQuery<ChallengePeriodState>('state');

/**
 * Challenges all miners for one period: plans it, sends each slot's requests in their time, checks answers, adds up. Slots wait for nobody: one that is late runs beside
 * the next.
 */
export async function challengePeriod(input: ChallengePeriodInput): Promise<ChallengePeriodState> {
  const { hotkey, periodMs, period } = input;
  // A worker that died must be replaced while the slot's time still runs.
  const quick = { heartbeatTimeout: '12 seconds' } as const;
  const chain = pool<ChallengeActivities>(hotkey, 'chain', { startToCloseTimeout: periodMs + 60_000 });
  const http = pool<ChallengeActivities>(hotkey, 'http', { startToCloseTimeout: '1 hour', ...quick });
  const inference = pool<ChallengeActivities>(hotkey, 'inference', { startToCloseTimeout: '1 hour' });
  const data = pool<ChallengeActivities>(hotkey, 'data');
  const state: ChallengePeriodState = {
    ...{ period, fullLoad: false, miners: 0, slot: null, lastSlot: null },
    ...{ answered: 0, limited: 0, failed: 0, skipped: 0, checked: 0 },
  };
  setHandler(challengePeriodState, () => state);

  const opened = await chain.openPeriod({ period_ms: periodMs, period });
  if (opened === null) {
    log.warn('period went by before it could be planned', { period });
    return state;
  }
  const { plan, slots, miners, full_load } = opened;
  Object.assign(state, { miners, fullLoad: full_load, lastSlot: slots.at(-1) ?? null });

  const challenge = async (slot: number): Promise<void> => {
    try {
      const { answered, limited, failed, skipped } = await http.askSlot({ plan, slot });
      state.answered += answered;
      state.limited += limited;
      state.failed += failed;
      state.skipped += skipped;
      if (answered === 0) return;
      state.checked += (await inference.checkSlot({ plan, slot })).checked;
    } catch (error) {
      // What is noted of the slot counts; what is not counts for nobody.
      log.error('slot was not challenged', { period, slot, error: String(error) });
    }
  };
  const challenged: Promise<void>[] = [];
  for (const slot of slots) {
    const waitMs = opened.opens_ms + slot * opened.slot_ms - Date.now();
    if (waitMs > 0) await sleep(waitMs);
    state.slot = slot;
    challenged.push(challenge(slot));
  }
  await Promise.all(challenged);
  await data.closePeriod({ plan });
  return state;
}
