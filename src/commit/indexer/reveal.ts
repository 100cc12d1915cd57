import type { Chain } from '../chain-port.ts';
import type { CommitIndex } from './commit-index.ts';

/**
 * Adds the text of time-locked commitments that the chain has revealed by the end of a block. The chain reveals what a hotkey holds when the round
 * comes: what was replaced before is never revealed.
 */
export async function revealLocked(
  deps: { chain: Pick<Chain, 'revealedCommits'>; index: CommitIndex; netuid: number },
  block: number,
): Promise<void> {
  const { chain, index, netuid } = deps;
  for (const commit of await index.locked()) {
    const revealed = await chain.revealedCommits(netuid, commit.hotkey, block);
    const replaced = await index.after(commit);
    const own = revealed.filter((item) => item.block >= commit.block && item.block <= (replaced?.block ?? Infinity));
    // A commitment may have several locked fields; the chain reveals each by itself.
    if (own.length > 0) await index.reveal(commit, own.map(({ data }) => data).join('\n'));
    else if (replaced !== null) await index.reveal(commit, null);
  }
}
