import type { CopyActivities } from '../activities/copy.ts';
import { pool } from './pools.ts';
import { startPublishing } from './start-publishing.ts';

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
  await startPublishing({ hotkey, netuid });
  return manifest.digest;
}
