import { canonicalJson } from '../src/core/canonical-json.ts';
import type { Signer } from '../src/core/chain.ts';
import type { Digest, Manifest } from '../src/core/manifest.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import { parseManifest } from '../src/commit/manifest.ts';
import type { Outbox, SealedManifest } from '../src/commit/outbox.ts';
import { publishQueue } from '../src/commit/publisher.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import type { ObjectStorage } from '../src/datasets/storage/object-storage.ts';
import { alive } from './alive.ts';
import { putFromStore } from './put-from-store.ts';

export interface PublishDeps {
  chain: Chain;
  signer: Signer;
  netuid: number;
  locator: string;
  /** Manifests that may hang unanchored before a committed one. */
  maxUnanchored: number;
  outbox: Outbox;
  store: ObjectStore;
  /** What lies at the locator; null: the miner's axon serves the objects from the store. */
  storage: Pick<ObjectStorage, 'putFile' | 'release'> | null;
  heartbeat: (progress: unknown) => void;
}

export type PublishResult =
  /** No manifest waits. */
  | { status: 'empty' }
  /** The manifests that are anchored and served from now on, and the one whose commitment anchored them. */
  | { status: 'committed'; manifests: number; anchor: Digest; block: number; event: number }
  /** Not yet: the byte budget is used up until `untilBlock`. */
  | { status: 'waiting'; why: string; untilBlock: number };

export type PublishActivities = ReturnType<typeof createPublishActivities>;

export function createPublishActivities(deps: PublishDeps) {
  const { chain, signer, netuid, locator, maxUnanchored, outbox, store, storage, heartbeat } = deps;
  const read = async (digest: Digest): Promise<Manifest> =>
    parseManifest(await store.get(digest), { digest, netuid, hotkey: signer.address });

  return {
    /**
     * Anchors the oldest manifests that wait by one commitment, waits until it is final, and lets their bytes be served to those who may have
     * them.
     */
    async publishQueue(): Promise<PublishResult> {
      const queue = await linked((await outbox.waiting()).slice(0, maxUnanchored + 1), read);
      if (queue.length === 0) return { status: 'empty' };
      const outcome = await alive(
        () => heartbeat({ committing: queue.map(({ digest }) => digest) }),
        () => publishQueue({ chain, signer }, { queue, locator, netuid, maxUnanchored }),
      );
      if (outcome.status === 'waiting') {
        return { status: 'waiting', why: outcome.why, untilBlock: outcome.refillsAtBlock };
      }
      // First to the locator's place: a worker that dies in between finds the same manifests waiting, and goes on.
      const anchored = new Set(outcome.anchored.map(({ digest }) => digest));
      for (const { digest, objects } of queue) {
        if (storage === null || !anchored.has(digest)) continue;
        await alive(
          () => heartbeat({ releasing: digest }),
          () => releaseAll({ store, storage }, objects),
        );
      }
      await outbox.release(outcome.anchored);
      const newest = outcome.anchored.at(-1);
      if (newest === undefined) return { status: 'empty' };
      const { anchor, block, event } = newest;
      return { status: 'committed', manifests: outcome.anchored.length, anchor, block, event };
    },

    /** Stores a proof beside the manifest of each commitment that has none yet. */
    async proveCommits(): Promise<{ proved: number }> {
      let proved = 0;
      for (const { digest, anchor, block, proof } of await outbox.commits()) {
        if (proof !== null || digest !== anchor) continue;
        const proven = await chain.proveCommit({ netuid, hotkey: signer.address, block });
        await outbox.keepProof(anchor, await store.put(new TextEncoder().encode(canonicalJson({ ...proven }))));
        heartbeat({ proved: (proved += 1) });
      }
      return { proved };
    },

    /** Waits until the chain's final head has reached a block, at most about half a minute. */
    async awaitBlock(input: { block: number }): Promise<boolean> {
      const until = Date.now() + 30_000;
      while (Date.now() < until) {
        const { number } = await chain.finalized();
        if (number >= input.block) return true;
        heartbeat({ final: number });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      return false;
    },
  };
}

/** Lets everybody read objects at the locator's place; they are put there first where an earlier step could not. */
async function releaseAll(
  deps: { store: ObjectStore; storage: Pick<ObjectStorage, 'putFile' | 'release'> },
  objects: readonly Digest[],
): Promise<void> {
  for (const object of objects) {
    await putFromStore(deps, object);
    await deps.storage.release(object);
  }
}

/** The oldest manifests of the queue that hang together by `previous`. */
async function linked(
  queue: readonly SealedManifest[],
  read: (digest: Digest) => Promise<Manifest>,
): Promise<SealedManifest[]> {
  const chained: SealedManifest[] = [];
  for (const sealed of queue) {
    const { previous } = await read(sealed.digest);
    if (chained.length > 0 && previous !== chained.at(-1)?.digest) break;
    chained.push(sealed);
  }
  return chained;
}
