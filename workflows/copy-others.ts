import { executeChild } from '@temporalio/workflow';
import type { CopyActivities } from '../activities/copy.ts';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { pool } from './pools.ts';
import { publishCommit } from './publish-commit.ts';

export interface CopyOthersInput {
  hotkey: string;
  netuid: number;
}

/**
 * An attack, for development networks: asks every miner for its bytes, and commits what it could get as its own, with invented and altered rows
 * among them. It works as any miner does, so that what defeats it is what defeats it in earnest.
 */
export async function copyOthers(input: CopyOthersInput): Promise<string | null> {
  const { hotkey, netuid } = input;
  const data = pool<CopyActivities>(hotkey, 'data');
  const { manifest } = await data.copyOthers();
  if (manifest === null) return null;
  await executeChild(publishCommit, {
    workflowId: `publish-${netuid}-${hotkey.slice(0, 8)}-${manifest.seq}`,
    taskQueue: taskQueue(hotkey, 'control'),
    typedSearchAttributes: searchPairs({ role: 'miner', hotkey, netuid, manifest: manifest.digest }),
    args: [{ hotkey, netuid, manifest: manifest.digest }],
  });
  return manifest.digest;
}
