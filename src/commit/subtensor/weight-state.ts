import type { WeightState } from '../weight-rules.ts';
import { readEpoch } from './epochs.ts';
import { readMetagraph } from './metagraph.ts';
import type { View } from './storage.ts';

const PALLET = 'subtensorModule';

/** Weights that a hotkey has committed and the chain has not revealed. */
export interface WaitingCommit {
  epoch: number;
  /** Block of the commit. */
  block: number;
  /** The ciphertext, in hex with 0x. */
  commit: string;
  revealRound: number;
}

export async function readWeights(view: View, netuid: number, uid: number): Promise<[number, number][]> {
  return (await view.get(PALLET, 'weights', netuid, uid)) as [number, number][];
}

/** A hotkey's unrevealed commits, oldest first. */
export async function readWaiting(view: View, netuid: number, hotkey: string): Promise<WaitingCommit[]> {
  if (!view.has(PALLET, 'timelockedWeightCommits')) return [];
  const entries = await view.entries(PALLET, 'timelockedWeightCommits', netuid);
  return entries
    .flatMap(([epoch, queue]) =>
      (queue as [string, number, string, number][])
        .filter(([who]) => who === hotkey)
        .map(([, block, commit, round]) => ({
          epoch: Number(epoch),
          block: Number(block),
          commit,
          revealRound: Number(round),
        })),
    )
    .sort((a, b) => a.block - b.block);
}

/** What the chain's checks of weights depend on. */
export async function readWeightState(view: View, netuid: number, hotkey: string): Promise<WeightState> {
  const get = (item: string): Promise<unknown> => view.get(PALLET, item, netuid);
  const neurons = await readMetagraph(view, netuid);
  const neuron = neurons.find((item) => item.hotkey === hotkey);
  const [commitReveal, owner, threshold, rateLimit, versionKey, least, most, epoch, waiting] = await Promise.all([
    get('commitRevealWeightsEnabled'),
    get('subnetOwnerHotkey'),
    view.get(PALLET, 'stakeThreshold'),
    get('weightsSetRateLimit'),
    get('weightsVersionKey'),
    get('minAllowedWeights'),
    get('maxWeightsLimit'),
    readEpoch(view, netuid),
    readWaiting(view, netuid, hotkey),
  ]);
  return {
    block: view.block.number,
    commitReveal: commitReveal === true,
    commitVersion: await readCommitVersion(view),
    unrevealed: waiting.filter((item) => item.epoch === epoch.index).length,
    uid: neuron?.uid ?? null,
    owner: owner === hotkey,
    stake: neuron?.stake ?? 0n,
    stakeThreshold: BigInt(threshold as number | string),
    permit: neuron?.validatorPermit ?? false,
    lastUpdate: neuron?.lastUpdate ?? 0,
    rateLimitBlocks: Number(rateLimit),
    versionKey: Number(versionKey),
    uids: neurons.length,
    minAllowedWeights: Number(least),
    maxWeightsLimit: Number(most),
    nextEpochBlock: epoch.nextStartBlock,
  };
}

/** Null where the chain has no commits that open by themselves. */
async function readCommitVersion(view: View): Promise<number | null> {
  if (!view.has(PALLET, 'commitRevealWeightsVersion')) return null;
  return Number(await view.get(PALLET, 'commitRevealWeightsVersion'));
}
