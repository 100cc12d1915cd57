import type { Redis } from 'ioredis';
import type { Chain } from '../../commit/chain-port.ts';
import { createEvidenceLog } from '../../commit/evidence-log.ts';
import { createOutbox } from '../../commit/outbox.ts';
import type { CommittedManifest } from '../../commit/outbox.ts';
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

/** What a validator found in an epoch, and since which final block its weights stand on chain (null: not yet). */
export interface ScoredEvidence {
  evidence: Evidence;
  weightsBlock: number | null;
}

/** A validator's epochs, oldest first. */
export async function scoredEpochs(view: LocalView, hotkey: string): Promise<ScoredEvidence[]> {
  const log = createEvidenceLog({ redis: view.index, hotkey, netuid: LOCAL_CHAIN.netuid });
  const store = view.storeOf(hotkey);
  const read = async (digest: string): Promise<Evidence> =>
    JSON.parse(new TextDecoder().decode(await store.get(digest))) as Evidence;
  return await Promise.all(
    (await log.all()).map(async ({ digest, weightsBlock }) => ({ evidence: await read(digest), weightsBlock })),
  );
}

/** Index of the epoch in which a commit counts, once every validator has set its weights for it; null before. */
export async function scoredByAll(view: LocalView, commit: { block: number }): Promise<number | null> {
  const validators = view.people.filter((person) => person.role === 'validator');
  const epochs = await Promise.all(
    validators.map(async ({ signer }) =>
      (await scoredEpochs(view, signer.address)).find(
        ({ evidence, weightsBlock }) =>
          evidence.start < commit.block && commit.block <= evidence.end && weightsBlock !== null,
      ),
    ),
  );
  return epochs.includes(undefined) ? null : (epochs[0]?.evidence.epoch ?? null);
}

/** Index of the first epoch in which every validator pays two miners at least for each task, once the weights of all are set; null before. */
export async function inferencePaidByAll(view: LocalView): Promise<number | null> {
  const validators = view.people.filter((person) => person.role === 'validator');
  const epochs = await Promise.all(
    validators.map(async ({ signer }) =>
      (await scoredEpochs(view, signer.address)).find(
        ({ evidence, weightsBlock }) => weightsBlock !== null && paysAllTasks(evidence),
      ),
    ),
  );
  return epochs.includes(undefined) ? null : Math.max(...epochs.map((epoch) => epoch?.evidence.epoch ?? 0));
}

function paysAllTasks({ inference }: Evidence): boolean {
  if (inference === undefined) return false;
  const paid = inference.scores.filter(({ weight_ppb }) => weight_ppb > 0);
  return inference.tasks.tasks.every(({ name }) => paid.filter(({ task }) => task === name).length > 1);
}
