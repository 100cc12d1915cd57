import type { Digest } from '../../core/manifest.ts';
import { ChainStateDiscardedError } from '../chain-errors.ts';
import type { Chain } from '../chain-port.ts';
import { decodeCommitment } from '../commitment.ts';
import type { CommitIndex } from './commit-index.ts';

/** The manifest that a hotkey anchored last: one, none at all, or one that can't be told any more. */
export type Anchor = { digest: Digest; seq: number } | 'none' | 'unknown';

/** What a hotkey had anchored before a commitment, by the index where that saw every block in between, else by the chain. */
export async function previousAnchor(
  deps: { chain: Pick<Chain, 'heldCommit' | 'revealedCommits'>; index: Pick<CommitIndex, 'anchoredBefore' | 'gaps'> },
  commit: { netuid: number; hotkey: string; block: number },
): Promise<Anchor> {
  const { netuid, hotkey, block } = commit;
  const seen = await deps.index.anchoredBefore(hotkey, block);
  const { digest = null, seq = null } = seen ?? {};
  const known = digest === null || seq === null ? null : { digest, seq };
  const whole = seen !== null && !(await deps.index.gaps.touch(seen.block, block));
  if (whole && known !== null) return known;
  try {
    const held = block === 0 ? null : await deps.chain.heldCommit(netuid, hotkey, block - 1);
    if (held === null) {
      // Of a hotkey that has committed nothing is held only where the chain has revealed it.
      const revealed = block === 0 ? [] : await deps.chain.revealedCommits(netuid, hotkey, block - 1);
      return seen === null && revealed.length === 0 ? 'none' : 'unknown';
    }
    const decoded = decodeCommitment(held.data);
    return decoded.kind === 'manifest' ? { digest: decoded.manifest, seq: decoded.seq } : 'unknown';
  } catch (error) {
    if (error instanceof ChainStateDiscardedError) return 'unknown';
    throw error;
  }
}
