import type { Chain } from '../../../src/commit/chain-port.ts';
import { publishQueue } from '../../../src/commit/publisher.ts';
import type { Publication } from '../../../src/commit/publisher.ts';
import type { Signer } from '../../../src/core/chain.ts';

/** A queue of one manifest. */
export interface OneManifest {
  manifestDigest: string;
  manifest: { seq: number; rows: number };
  locator: string;
  netuid: number;
}

type Outcome = { status: 'committed'; block: number; event: number } | Extract<Publication, { status: 'waiting' }>;

/** Publishes one manifest and says where it was anchored. */
export async function publishManifest(
  deps: { chain: Chain; signer: Signer },
  { manifestDigest: digest, manifest, locator, netuid }: OneManifest,
): Promise<Outcome> {
  const outcome = await publishQueue(deps, { queue: [{ digest, ...manifest }], locator, netuid, maxUnanchored: 8 });
  if (outcome.status === 'waiting') return outcome;
  const [only] = outcome.anchored;
  if (only === undefined) throw new Error('nothing was anchored');
  return { status: 'committed', block: only.block, event: only.event };
}
