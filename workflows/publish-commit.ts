import { defineQuery, setHandler, sleep } from '@temporalio/workflow';
import type { PublishActivities } from '../activities/publish.ts';
import { pool } from './pools.ts';

export interface PublishCommitInput {
  hotkey: string;
  netuid: number;
  /** Digest of the sealed manifest. */
  manifest: string;
}

export interface CommitPlace {
  block: number;
  event: number;
}

/** What the commitment waits for, in words; empty while nothing keeps it. */
export const waitingFor = defineQuery<string>('waitingFor');

/** Has a manifest committed on chain, however long the byte budget makes it wait, and then serves its bytes. */
export async function publishCommit(input: PublishCommitInput): Promise<CommitPlace> {
  let waits = '';
  setHandler(waitingFor, () => waits);
  const chain = pool<PublishActivities>(input.hotkey, 'chain');
  for (;;) {
    const outcome = await chain.publishManifest({ manifest: input.manifest });
    if (outcome.status === 'committed') {
      const place = { block: outcome.block, event: outcome.event };
      await chain.releaseManifest({ manifest: input.manifest, ...place });
      return place;
    }
    waits = outcome.why;
    if (outcome.untilBlock === null) await sleep('2 seconds');
    else while (!(await chain.awaitBlock({ block: outcome.untilBlock }))) waits = outcome.why;
  }
}
