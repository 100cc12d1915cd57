import type { Signer } from '../core/chain.ts';
import type { Digest, Manifest } from '../core/manifest.ts';
import { fitsBudget } from './budget.ts';
import { SequenceConflictError, SpaceLimitExceededError } from './chain-errors.ts';
import type { ByteBudget, Chain } from './chain-port.ts';
import { decodeCommitment, encodeCommitment } from './commitment.ts';

export type Publication =
  | { status: 'committed'; block: number; event: number }
  | { status: 'waiting'; refillsAtBlock: number; usedBytes: number; maxBytes: number; why: string };

export interface PublishRequest {
  manifestDigest: Digest;
  manifest: Pick<Manifest, 'seq' | 'rows'>;
  locator: string;
  netuid: number;
}

type PublisherChain = Pick<Chain, 'heldCommit' | 'registeredBlock' | 'budget' | 'commit' | 'commitsIn'>;

/**
 * Commits a manifest on chain, exactly once however often and from wherever it is called, and returns when that is final. Where the
 * epoch's bytes are used up it says until when instead. Throws SequenceConflictError when the hotkey has committed past this manifest
 * without it, and what Chain.commit throws.
 */
export async function publishManifest(
  deps: { chain: PublisherChain; signer: Signer },
  request: PublishRequest,
): Promise<Publication> {
  const { chain, signer } = deps;
  const { netuid } = request;
  const data = encodeCommitment({
    manifest: request.manifestDigest,
    seq: request.manifest.seq,
    rows: request.manifest.rows,
    locator: request.locator,
  });
  const state = await whereIs(chain, request, signer.address);
  if (state.kind === 'earlier') return { status: 'committed', block: state.block, event: state.event };
  if (state.kind === 'absent') {
    const budget = await chain.budget(netuid, signer.address);
    if (!fitsBudget(budget, data.length).fits) return waiting(data.length, budget);
  }
  try {
    const { block, event } = await chain.commit({ netuid, data, signer });
    return { status: 'committed', block: block.number, event };
  } catch (error) {
    if (!(error instanceof SpaceLimitExceededError) || error.remedy !== 'wait') throw error;
    return waiting(data.length, await chain.budget(netuid, signer.address));
  }
}

type Whereabouts = { kind: 'absent' } | { kind: 'newest' } | { kind: 'earlier'; block: number; event: number };

/**
 * Whether the chain holds the manifest: as the hotkey's newest commitment, or under later ones. Each commitment is found from the one after
 * it, by reading storage at the block before; a commitment that is not ours ends the search.
 */
async function whereIs(chain: PublisherChain, request: PublishRequest, hotkey: string): Promise<Whereabouts> {
  const { netuid, manifestDigest: digest } = request;
  const { seq } = request.manifest;
  const registered = await chain.registeredBlock(netuid, hotkey);
  if (registered === null) return { kind: 'absent' }; // which Chain.commit refuses
  let overtaken: { manifest: Digest; seq: number; block: number } | null = null;
  let at = await chain.heldCommit(netuid, hotkey);
  while (at !== null && at.block >= registered) {
    const held = decodeCommitment(at.data);
    if (held.kind === 'legacy' || held.seq < seq) break;
    if (held.manifest === digest) {
      if (overtaken === null) return { kind: 'newest' };
      const { block } = at;
      const commit = (await chain.commitsIn(netuid, block)).find((item) => item.hotkey === hotkey);
      if (commit !== undefined) return { kind: 'earlier', block, event: commit.event };
    }
    overtaken ??= { manifest: held.manifest, seq: held.seq, block: at.block };
    at = at.block === 0 ? null : await chain.heldCommit(netuid, hotkey, at.block - 1);
  }
  if (overtaken !== null) throw new SequenceConflictError({ digest, seq }, overtaken);
  return { kind: 'absent' };
}

function waiting(bytes: number, budget: ByteBudget): Publication {
  const { usedBytes, maxBytes, refillsAtBlock } = budget;
  const why = new SpaceLimitExceededError(bytes, budget).message;
  return { status: 'waiting', refillsAtBlock, usedBytes, maxBytes, why };
}
