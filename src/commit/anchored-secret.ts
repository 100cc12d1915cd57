import type { PeriodProof } from '../core/inference-period.ts';
import { ChainStateDiscardedError } from './chain-errors.ts';
import type { Chain } from './chain-port.ts';
import { decodeCommitment } from './commitment.ts';

/**
 * What the chain says of a period's proof:
 * - `anchored`: the validator's commitment held the digest at the block that the proof names, and the seed block is the period's first;
 * - `never_anchored`: the seed block is right, and the proof itself says that nothing was anchored: the validator could have chosen the secret;
 * - `other_block`: the chain has another block, or none yet, where the proof has its seed block;
 * - `not_first`: the seed block was made before the period began, or is not the first that was made since;
 * - `not_held`: the validator's commitment said something else at that block;
 * - `unknown`: the node keeps no state of those blocks any more.
 */
export type AnchorFinding = 'anchored' | 'never_anchored' | 'other_block' | 'not_first' | 'not_held' | 'unknown';

type Looked = Pick<Chain, 'finalized' | 'blockHash' | 'timestamp' | 'commitmentAt'>;

/**
 * Looks on chain for what a period's proof claims of it. That the secret has the digest and that the digest is older than the seed block, the proof shows by
 * itself (src/scoring/inference/check-inference.ts).
 */
export async function lookUpAnchor(
  chain: Looked,
  { netuid, validator }: { netuid: number; validator: string },
  proof: PeriodProof,
): Promise<AnchorFinding> {
  const { seed_block, period, anchored_block } = proof;
  const { number: newest } = await chain.finalized();
  if (seed_block.number > newest || (await chain.blockHash(seed_block.number)) !== seed_block.hash)
    return 'other_block';
  try {
    if (!(await isFirstOfPeriod(chain, proof))) return 'not_first';
    if (anchored_block === null) return 'never_anchored';
    const text = await chain.commitmentAt(netuid, validator, anchored_block);
    const held = text === null ? null : decodeCommitment(text);
    const isHeld = held?.kind === 'secret' && held.period === period && held.digest === proof.digest;
    return isHeld ? 'anchored' : 'not_held';
  } catch (error) {
    if (error instanceof ChainStateDiscardedError) return 'unknown';
    throw error;
  }
}

async function isFirstOfPeriod(chain: Looked, { period, period_ms, seed_block }: PeriodProof): Promise<boolean> {
  const startUs = period * period_ms * 1000;
  if ((await chain.timestamp(seed_block.hash)) < startUs) return false;
  if (seed_block.number === 0) return true;
  return (await chain.timestamp(await chain.blockHash(seed_block.number - 1))) < startUs;
}
