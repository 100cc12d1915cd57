import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Chain } from '../commit/chain-port.ts';
import { decodeCommitment } from '../commit/commitment.ts';
import type { CommitRef } from '../datasets/dataset-manifest.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** The folder of a dataset that a person named. Throws UsageError where there is none. */
export function datasetFolder({ context }: Session, folder: string): string {
  const dir = resolve(context.cwd, folder);
  if (!existsSync(join(dir, 'manifest.json')))
    throw new UsageError(`${dir} is no published dataset: it has no manifest.json`, { dir });
  return dir;
}

/** What the chain says was committed at a commit's place: by this hotkey, in this block, at this event. */
export async function committedAt(chain: Chain, commit: CommitRef): Promise<{ manifest: string } | null> {
  const made = await chain.commitsIn(commit.netuid, commit.block);
  const text = made.find(({ hotkey, event }) => hotkey === commit.hotkey && event === commit.event)?.data;
  const commitment = text === undefined ? null : decodeCommitment(text);
  return commitment?.kind === 'manifest' ? { manifest: commitment.manifest } : null;
}
