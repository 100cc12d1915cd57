import type { Redis } from 'ioredis';
import type { Chain } from '../../commit/chain-port.ts';
import { createEvidenceLog } from '../../commit/evidence-log.ts';
import { createOutbox } from '../../commit/outbox.ts';
import type { CommittedManifest } from '../../commit/outbox.ts';
import { SeineError } from '../../core/errors.ts';
import type { ObjectStore } from '../../datasets/storage.ts';
import type { Evidence } from '../../scoring/evidence.ts';
import type { Registered } from './local-subnet.ts';
import { LOCAL_CHAIN } from './local-subnet.ts';

export interface LocalView {
  chain: Chain;
  index: Redis;
  state: Redis;
  people: readonly Registered[];
  /** Objects of an operator, by its SS58 address. */
  storeOf: (hotkey: string) => ObjectStore;
}

/** Commitments of one miner, as its own outbox knows them. */
export async function commitsOf(view: LocalView, hotkey: string): Promise<CommittedManifest[]> {
  return await createOutbox({ redis: view.state, hotkey }).commits();
}

/** A validator's evidence of all epochs that it has scored, oldest first. */
export async function evidenceOf(view: LocalView, hotkey: string): Promise<Evidence[]> {
  const log = createEvidenceLog({ redis: view.index, hotkey, netuid: LOCAL_CHAIN.netuid });
  const store = view.storeOf(hotkey);
  const read = async (digest: string): Promise<Evidence> =>
    JSON.parse(new TextDecoder().decode(await store.get(digest))) as Evidence;
  return await Promise.all((await log.all()).map(({ digest }) => read(digest)));
}

/**
 * Waits for something of the network.
 * @param what names it in the error
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  failed: Promise<never>,
  look: () => Promise<T | null>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const found = await Promise.race([look(), failed]);
    if (found !== null) return found;
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 500)), failed]);
  }
  throw new SeineError('RunTooSlow', `${what} did not happen within ${timeoutMs / 1000} s; the logs say more`);
}

/** Evidence of every validator for the epoch of a commit, once their weights for it stand on chain; null before. */
export async function scoredByAll(view: LocalView, commit: { hotkey: string; block: number }): Promise<true | null> {
  for (const validator of view.people.filter((person) => person.role === 'validator')) {
    const evidence = (await evidenceOf(view, validator.signer.address)).find(
      (item) => item.start < commit.block && commit.block <= item.end,
    );
    if (evidence === undefined) return null;
    const onChain = await view.chain.weights(LOCAL_CHAIN.netuid, validator.uid);
    if (!sameWeights(onChain, evidence.weights)) return null;
  }
  return true;
}

function sameWeights(onChain: readonly (readonly [number, number])[], sent: Evidence['weights']): boolean {
  const held = new Map(onChain);
  return sent.uids.length === held.size && sent.uids.every((uid, index) => held.get(uid) === sent.values[index]);
}
