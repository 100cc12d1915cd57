import type { BlockRef, Signer } from '../../core/chain.ts';
import type { WeightsRequest } from '../chain-port.ts';
import { WeightsRefusedError } from '../chain-errors.ts';
import { weightObstaclesOf } from '../weight-rules.ts';
import type { WeightState } from '../weight-rules.ts';
import type { Blocks } from './blocks.ts';
import { readUid } from './commitments.ts';
import { readEpoch } from './epochs.ts';
import { readMetagraph } from './metagraph.ts';
import { finality } from './submit.ts';
import type { Submit } from './submit.ts';
import type { View } from './storage.ts';

const PALLET = 'subtensorModule';

export async function readWeights(view: View, netuid: number, uid: number): Promise<[number, number][]> {
  return (await view.get(PALLET, 'weights', netuid, uid)) as [number, number][];
}

/** What the chain's checks of weights depend on. */
export async function readWeightState(view: View, netuid: number, hotkey: string): Promise<WeightState> {
  const get = (item: string): Promise<unknown> => view.get(PALLET, item, netuid);
  const neurons = await readMetagraph(view, netuid);
  const neuron = neurons.find((item) => item.hotkey === hotkey);
  const [commitReveal, owner, threshold, rateLimit, versionKey, least, epoch] = await Promise.all([
    get('commitRevealWeightsEnabled'),
    get('subnetOwnerHotkey'),
    view.get(PALLET, 'stakeThreshold'),
    get('weightsSetRateLimit'),
    get('weightsVersionKey'),
    get('minAllowedWeights'),
    readEpoch(view, netuid),
  ]);
  return {
    block: view.block.number,
    commitReveal: commitReveal === true,
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
    nextEpochBlock: epoch.nextStartBlock,
  };
}

/** See Chain.setWeights. */
export async function setWeights(
  submit: Submit,
  blocks: Blocks,
  request: WeightsRequest & { signer: Signer },
): Promise<{ block: BlockRef }> {
  const { netuid, uids, weights, versionKey, signer } = request;
  const hotkey = signer.address;
  const number = await submit({
    pallet: PALLET,
    call: 'setWeights',
    args: [netuid, uids, weights, versionKey],
    signer,
    // The same weights, set so lately that the rate limit takes no others yet: an earlier try got this far.
    settled: async (view) => {
      const uid = await readUid(view, netuid, hotkey);
      if (uid === null) return null;
      const held = await readWeights(view, netuid, uid);
      const same =
        held.length === uids.length && held.every(([to, value], at) => to === uids[at] && value === weights[at]);
      if (!same) return null;
      const state = await readWeightState(view, netuid, hotkey);
      const limited = weightObstaclesOf(request, state).some((obstacle) => obstacle.rule === 'rate_limit');
      return limited ? state.lastUpdate : null;
    },
    preflight: async (view) => {
      const obstacles = weightObstaclesOf(request, await readWeightState(view, netuid, hotkey));
      if (obstacles.length > 0) throw new WeightsRefusedError(netuid, obstacles);
    },
    result: (block) => Promise.resolve(block.number),
  });
  await finality(blocks, number);
  return { block: { number, hash: await blocks.hash(number) } };
}
