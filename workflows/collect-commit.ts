import { sleep } from '@temporalio/workflow';
import type { CollectActivities } from '../activities/collect.ts';
import type { ManifestCommit } from '../src/commit/judged-commits.ts';
import { pool } from './pools.ts';

export interface CollectInput {
  /** SS58 address of the validator. */
  hotkey: string;
  commit: ManifestCommit;
}

const MOST_WAIT_MS = 8000;

/** Gets what a commitment names, checks it and claims its keys; whatever comes of it is noted. */
export async function collectCommit(input: CollectInput): Promise<string> {
  const { hotkey, commit } = input;
  const http = pool<CollectActivities>(hotkey, 'http', { startToCloseTimeout: '2 hours' });
  const data = pool<CollectActivities>(hotkey, 'data');
  const fetched = await untilItsTurn(() => http.fetchCommit({ commit }));
  if (fetched.status !== 'fetched') {
    await data.refuseCommit({ commit, status: fetched.status, reason: fetched.reason });
    return fetched.reason;
  }
  const judgement = await untilItsTurn(() => data.claimCommit({ commit, manifests: fetched.manifests }));
  return judgement.status === 'accepted' ? 'accepted' : judgement.reason;
}

/** Tries again while it has to wait. Between two tries nothing is held that another miner's commitment could need. */
async function untilItsTurn<T extends { status: string }>(
  attempt: () => Promise<T>,
): Promise<Exclude<T, { status: 'waiting' }>> {
  for (let waitMs = 1000; ; waitMs = Math.min(waitMs * 2, MOST_WAIT_MS)) {
    const outcome = await attempt();
    if (outcome.status !== 'waiting') return outcome as Exclude<T, { status: 'waiting' }>;
    await sleep(waitMs);
  }
}
