import {
  continueAsNew,
  defineQuery,
  log,
  ParentClosePolicy,
  setHandler,
  sleep,
  startChild,
} from '@temporalio/workflow';
import type { ChallengeActivities } from '../activities/challenge.ts';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { challengePeriod } from './challenge-period.ts';
import { pool } from './pools.ts';

export interface ChallengeMinersInput {
  /** SS58 address of the validator. */
  hotkey: string;
  netuid: number;
  /** Length of the periods. */
  periodMs: number;
  /** The next period; absent at the start. */
  from?: number;
}

export interface ChallengeMinersState {
  /** Number of the period that is begun next, and the block that anchored its secret. */
  next: number;
  anchored: number | null;
}

export const challengeMinersState = defineQuery<ChallengeMinersState>('state');

/** Anchoring is given up once it would be too late to count. */
const LEAST_ANCHOR_MS = 1000;

/**
 * Goes from period to period: the secret of the next is anchored while this one runs, and each period is a workflow of its own from its first moment on. Ends where
 * no task has periods of this length; the operator starts it anew when one has.
 */
export async function challengeMiners(input: ChallengeMinersInput): Promise<void> {
  const { hotkey, netuid, periodMs } = input;
  // Periods that went by while nobody worked are not made up for.
  const period = Math.max(input.from ?? 0, Math.floor(Date.now() / periodMs) + 1);
  const state: ChallengeMinersState = { next: period, anchored: null };
  setHandler(challengeMinersState, () => state);

  const untilStart = (): number => Math.max(period * periodMs - Date.now(), 0);
  const chain = pool<ChallengeActivities>(hotkey, 'chain', {
    scheduleToCloseTimeout: Math.max(untilStart(), LEAST_ANCHOR_MS),
  });
  try {
    const { tasks, anchored } = await chain.anchorSecret({ period_ms: periodMs, period });
    if (tasks === 0) return;
    state.anchored = anchored;
  } catch (error) {
    // The period goes on, and its proof says that the secret was not anchored.
    log.warn('secret was not anchored', { period, error: String(error) });
  }
  if (untilStart() > 0) await sleep(untilStart());
  try {
    await startChild(challengePeriod, {
      workflowId: `challenge-${netuid}-${hotkey.slice(0, 8)}-${periodMs}-${period}`,
      taskQueue: taskQueue(hotkey, 'control'),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: searchPairs({ role: 'validator', hotkey, netuid }),
      args: [{ hotkey, netuid, periodMs, period }],
    });
  } catch (error) {
    // Begun by an earlier run of this workflow, and still at work.
    if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw error;
  }
  await continueAsNew<typeof challengeMiners>({ ...input, from: period + 1 });
}
