import type { Signer } from '../core/chain.ts';
import { fitsBudget } from './budget.ts';
import {
  CommitOvertakenError,
  NotRegisteredError,
  OutcomeUnknownError,
  SequenceConflictError,
  SpaceLimitExceededError,
} from './chain-errors.ts';
import type { ByteBudget, Chain } from './chain-port.ts';
import { encodeCommitment } from './commitment.ts';
import { anchorsOf, newestAnchor } from './standing-commits.ts';
import type { AnchoredManifest, QueuedManifest, StandingChain } from './standing-commits.ts';

export type Publication =
  /** Manifests whose commitment is final, oldest first; what follows them in the queue still waits. */
  | { status: 'committed'; anchored: AnchoredManifest[] }
  | { status: 'waiting'; refillsAtBlock: number; usedBytes: number; maxBytes: number; why: string };

export interface PublishRequest {
  /** Sealed manifests that wait for their commitment, oldest first, each the `previous` of the one after it. Not empty. */
  queue: readonly QueuedManifest[];
  locator: string;
  netuid: number;
  /** Manifests that may hang unanchored before the committed one. */
  maxUnanchored: number;
}

type PublisherChain = StandingChain & Pick<Chain, 'finalized' | 'budget' | 'commit'>;

/**
 * Brings the oldest manifests of a queue under one commitment, that of the newest it may anchor, and returns when it is final. However
 * often and from wherever it is called, each manifest is anchored once: what the chain holds already is waited for and never sent
 * again. Where the epoch's bytes are used up it says until when instead. Throws SequenceConflictError when the hotkey has committed past
 * the queue without it, and what Chain.commit throws.
 */
export async function publishQueue(
  deps: { chain: PublisherChain; signer: Signer },
  request: PublishRequest,
): Promise<Publication> {
  for (let looks = 1; ; looks += 1) {
    try {
      return await lookAndSend(deps, request);
    } catch (error) {
      if (!(error instanceof CommitOvertakenError) || looks === MOST_LOOKS) throw error;
    }
  }
}

/** Looks at the chain while another publisher of the hotkey comes in between. */
const MOST_LOOKS = 5;

async function lookAndSend(
  { chain, signer }: { chain: PublisherChain; signer: Signer },
  request: PublishRequest,
): Promise<Publication> {
  const { netuid, queue } = request;
  const hotkey = signer.address;
  const registered = await chain.registeredBlock(netuid, hotkey);
  if (registered === null) throw new NotRegisteredError(netuid, hotkey);
  const miner = { netuid, hotkey, registered };

  const top = await chain.heldCommit(netuid, hotkey);
  const newest = await newestAnchor(chain, miner, queue, top);
  if (newest !== null && !(newest.ours && newest.onTop)) {
    const anchored = await anchorsOf(chain, miner, queue, (await chain.finalized()).number);
    if (anchored.length > 0) return { status: 'committed', anchored };
    if (newest.ours) throw new OutcomeUnknownError('commitments.setCommitment', 0); // it is there, and not final yet
    throw new SequenceConflictError(queue[0] as QueuedManifest, newest.held);
  }
  const data = newest?.held.data ?? commitmentOf(request);
  if (newest === null) {
    const budget = await chain.budget(netuid, hotkey);
    if (!fitsBudget(budget, data.length).fits) return waiting(data.length, budget);
  }
  try {
    // Whoever else publishes for this hotkey may have come in between, with another queue in hand.
    const { block } = await chain.commit({ netuid, data, signer, heldSince: top?.block ?? null });
    return { status: 'committed', anchored: await anchorsOf(chain, miner, queue, block.number) };
  } catch (error) {
    if (!(error instanceof SpaceLimitExceededError) || error.remedy !== 'wait') throw error;
    return waiting(data.length, await chain.budget(netuid, hotkey));
  }
}

/** The text that anchors the queue's oldest manifests. */
function commitmentOf({ queue, locator, maxUnanchored }: PublishRequest): string {
  const { digest, seq, rows } = queue.slice(0, maxUnanchored + 1).at(-1) as QueuedManifest;
  return encodeCommitment({ manifest: digest, seq, rows, locator });
}

function waiting(bytes: number, budget: ByteBudget): Publication {
  const { usedBytes, maxBytes, refillsAtBlock } = budget;
  const why = new SpaceLimitExceededError(bytes, budget).message;
  return { status: 'waiting', refillsAtBlock, usedBytes, maxBytes, why };
}
