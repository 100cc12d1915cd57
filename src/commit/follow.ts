import type { ChainCommit } from '../core/chain.ts';
import type { Chain } from './chain-port.ts';

/**
 * The commitments of blocks fromBlock to toBlock, both included, in chain order. Every block is read, by its number, so that nothing is
 * missed; ask for final blocks only, since others may still change.
 */
export async function* followCommits(
  deps: { chain: Pick<Chain, 'commitsIn'>; netuid: number },
  range: { fromBlock: number; toBlock: number },
): AsyncIterable<ChainCommit> {
  for (let block = range.fromBlock; block <= range.toBlock; block++) {
    yield* await deps.chain.commitsIn(deps.netuid, block);
  }
}
