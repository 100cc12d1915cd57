import type { Signer } from '../src/core/chain.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import { parseManifest } from '../src/commit/manifest.ts';
import type { Outbox } from '../src/commit/outbox.ts';
import { publishManifest } from '../src/commit/publisher.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { alive } from './alive.ts';

export interface PublishDeps {
  chain: Chain;
  signer: Signer;
  netuid: number;
  locator: string;
  outbox: Outbox;
  store: ObjectStore;
  heartbeat: (progress: unknown) => void;
}

export type PublishResult =
  | { status: 'committed'; block: number; event: number }
  /** Not yet: the byte budget is used up until `untilBlock`, or an earlier manifest comes first (null). */
  | { status: 'waiting'; why: string; untilBlock: number | null };

export type PublishActivities = ReturnType<typeof createPublishActivities>;

export function createPublishActivities(deps: PublishDeps) {
  return {
    /** Commits a sealed manifest on chain, once, and waits until the commitment is final. */
    async publishManifest(input: { manifest: string }): Promise<PublishResult> {
      const done = (await deps.outbox.commits()).find((commit) => commit.digest === input.manifest);
      if (done !== undefined) return { status: 'committed', block: done.block, event: done.event };
      const [next] = await deps.outbox.waiting();
      if (next?.digest !== input.manifest) {
        return { status: 'waiting', why: 'an earlier manifest is not committed yet', untilBlock: null };
      }
      const manifest = parseManifest(await deps.store.get(input.manifest), {
        digest: input.manifest,
        netuid: deps.netuid,
        hotkey: deps.signer.address,
      });
      const request = { manifestDigest: input.manifest, manifest, locator: deps.locator, netuid: deps.netuid };
      const outcome = await alive(
        () => deps.heartbeat({ committing: input.manifest }),
        () => publishManifest({ chain: deps.chain, signer: deps.signer }, request),
      );
      if (outcome.status === 'waiting') {
        return { status: 'waiting', why: outcome.why, untilBlock: outcome.refillsAtBlock };
      }
      return { status: 'committed', block: outcome.block, event: outcome.event };
    },

    /** From now on the manifest's bytes are served to those who may have them. */
    async releaseManifest(input: { manifest: string; block: number; event: number }): Promise<void> {
      await deps.outbox.release(input.manifest, { block: input.block, event: input.event });
    },

    /** Waits until the chain's final head has reached a block, at most about half a minute. */
    async awaitBlock(input: { block: number }): Promise<boolean> {
      const until = Date.now() + 30_000;
      while (Date.now() < until) {
        const { number } = await deps.chain.finalized();
        if (number >= input.block) return true;
        deps.heartbeat({ final: number });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      return false;
    },
  };
}
