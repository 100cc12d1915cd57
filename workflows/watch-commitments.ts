import {
  continueAsNew,
  defineQuery,
  executeChild,
  log,
  ParentClosePolicy,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CollectActivities } from '../activities/collect.ts';
import type { EpochWindow, FollowActivities, FollowInput } from '../activities/follow.ts';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { collectCommit } from './collect-commit.ts';
import { pool } from './pools.ts';
import { validateEpoch } from './validate-epoch.ts';

export interface WatchInput {
  hotkey: string;
  netuid: number;
  /** Blocks after a commitment within which its bytes must be had. */
  fetchDeadlineBlocks: number;
  /** Where to go on; absent at the start. */
  from?: FollowInput;
}

export interface WatchState {
  readUpTo: number;
  epoch: number;
  /** Epochs that were scored since this run of the workflow began. */
  scored: number[];
}

export const watchState = defineQuery<WatchState>('state');

/**
 * Follows the chain for a validator: each commitment is collected as soon as it is final, each epoch is validated once its deadline has passed.
 * Reading never waits for either.
 */
export async function watchCommitments(input: WatchInput): Promise<void> {
  const { hotkey, netuid } = input;
  const chain = pool<FollowActivities>(hotkey, 'chain', { startToCloseTimeout: '2 minutes' });
  const http = pool<CollectActivities>(hotkey, 'http', { startToCloseTimeout: '2 hours' });
  const queue = taskQueue(hotkey, 'control');
  let at = input.from ?? (await chain.startOfReading());
  const state: WatchState = { readUpTo: at.readUpTo, epoch: at.epoch.index, scored: [] };
  setHandler(watchState, () => state);

  let collecting: Promise<unknown>[] = [];
  let validating: Promise<unknown> = Promise.resolve();
  let recovering: Promise<unknown> = Promise.resolve();
  let open = 0;

  const validate = async (
    epoch: EpochWindow,
    collected: Promise<unknown>[],
    before: Promise<unknown>,
  ): Promise<void> => {
    open += 1;
    try {
      await Promise.all(collected);
      await before;
      await executeChild(validateEpoch, {
        workflowId: `validate-${netuid}-${hotkey.slice(0, 8)}-${epoch.index}`,
        taskQueue: queue,
        typedSearchAttributes: searchPairs({ role: 'validator', hotkey, netuid, epoch: epoch.index }),
        args: [{ hotkey, netuid, epoch, fetchDeadlineBlocks: input.fetchDeadlineBlocks }],
      });
      state.scored.push(epoch.index);
    } catch (error) {
      // One epoch that can't be scored must not end the watch over those that follow.
      log.error('epoch was not validated', { epoch: epoch.index, error: String(error) });
    } finally {
      open -= 1;
    }
  };

  for (;;) {
    const found = await chain.followChain(at);
    for (const commit of found.commits) {
      const child = executeChild(collectCommit, {
        workflowId: `collect-${netuid}-${hotkey.slice(0, 8)}-${commit.block}-${commit.event}`,
        taskQueue: queue,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        typedSearchAttributes: searchPairs({ role: 'validator', hotkey, netuid, manifest: commit.manifest }),
        args: [{ hotkey, commit }],
      });
      collecting.push(child.catch((error: unknown) => log.error('commit was not collected', { error: String(error) })));
    }
    if (found.next !== null) {
      validating = validate(at.epoch, collecting, validating);
      collecting = [];
      recovering = recover(http, recovering);
    }
    at = { readUpTo: found.readUpTo, epoch: found.next ?? at.epoch };
    state.readUpTo = at.readUpTo;
    state.epoch = at.epoch.index;
    // Only between epochs that are wholly done, so that nothing under way is lost sight of.
    if (workflowInfo().continueAsNewSuggested && open === 0 && collecting.length === 0) {
      await recovering;
      await continueAsNew<typeof watchCommitments>({ ...input, from: at });
    }
  }
}

/** Looks, after each epoch, for what was overwritten while nobody read the chain; what it can't have waits for the next time. */
async function recover(http: CollectActivities, before: Promise<unknown>): Promise<void> {
  await before;
  try {
    await http.recoverOverwritten();
  } catch (error) {
    log.error('overwritten commits were not recovered', { error: String(error) });
  }
}
