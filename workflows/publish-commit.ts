import {
  continueAsNew,
  defineQuery,
  defineSignal,
  log,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { PublishActivities } from '../activities/publish.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { pool } from './pools.ts';

export interface PublishCommitInput {
  hotkey: string;
  netuid: number;
}

/** What the commitment waits for, in words; empty while nothing keeps it. */
export const waitingFor = defineQuery<string>('waitingFor');
/** Another manifest waits. */
export const sealed = defineSignal('sealed');

/**
 * Has the sealed manifests of a hotkey committed, however long the byte budget makes them wait, and then their bytes served; those that wait
 * together are anchored together. Ends when none waits.
 */
export async function publishCommit(input: PublishCommitInput): Promise<number> {
  let waits = '';
  let woken = false;
  let published = 0;
  setHandler(waitingFor, () => waits);
  setHandler(sealed, () => void (woken = true));
  const chain = pool<PublishActivities>(input.hotkey, 'chain');
  for (;;) {
    woken = false;
    const outcome = await chain.publishQueue();
    if (outcome.status === 'committed') {
      waits = '';
      published += outcome.manifests;
      upsertSearchAttributes(searchPairs({ manifest: outcome.anchor }));
      await prove(input.hotkey);
    } else if (outcome.status === 'waiting') {
      waits = outcome.why;
      while (!(await chain.awaitBlock({ block: outcome.untilBlock }))) waits = outcome.why;
    } else if (!woken) {
      return published;
    }
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof publishCommit>(input);
  }
}

/** A commitment that can't be proved now is tried again with the next one; publishing does not wait for it. */
async function prove(hotkey: string): Promise<void> {
  const retry = { initialInterval: '1 second', maximumAttempts: 3 } as const;
  try {
    await pool<PublishActivities>(hotkey, 'chain', { retry }).proveCommits();
  } catch (error) {
    log.warn('commit not proved', { error: String(error) });
  }
}
