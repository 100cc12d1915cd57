import type { Chain } from '../chain-port.ts';
import { weightObstaclesOf } from '../weight-rules.ts';
import { createBlocks } from './blocks.ts';
import { commit, readCommits, readHeld, readUid } from './commitments.ts';
import { openConnection } from './connection.ts';
import type { ConnectOptions } from './connection.ts';
import { readBudget, readEpoch } from './epochs.ts';
import { readMetagraph } from './metagraph.ts';
import { addStake, register, serveAxon } from './neurons.ts';
import { createSubmit } from './submit.ts';
import { readWeights, readWeightState, setWeights } from './validator-weights.ts';

/**
 * Connects to a Subtensor node. Throws ChainUnreachableError when none answers within `patienceMs`, ChainUnsupportedError when another kind
 * of chain does.
 */
export async function connectChain(options: ConnectOptions): Promise<Chain> {
  const connection = await openConnection(options);
  const blocks = createBlocks(connection);
  const submit = createSubmit(connection, blocks);
  return {
    head: blocks.head,
    finalized: blocks.finalized,
    blockHash: blocks.hash,
    timestamp: blocks.timestamp,
    onFinalized: blocks.onFinalized,

    commitsIn: (netuid, number) => blocks.at(number, (view) => readCommits(view, netuid)),
    commitmentAt: async (netuid, hotkey, number) =>
      (await blocks.at(number, (view) => readHeld(view, netuid, hotkey)))?.data ?? null,
    heldCommit: (netuid, hotkey, number) => blocks.at(number, (view) => readHeld(view, netuid, hotkey)),
    budget: (netuid, hotkey) => blocks.at(undefined, (view) => readBudget(view, netuid, hotkey)),
    epoch: (netuid) => blocks.at(undefined, (view) => readEpoch(view, netuid)),
    metagraph: (netuid, number) => blocks.at(number, (view) => readMetagraph(view, netuid)),
    registeredBlock: (netuid, hotkey) =>
      blocks.at(undefined, async (view) => {
        const uid = await readUid(view, netuid, hotkey);
        return uid === null ? null : Number(await view.get('subtensorModule', 'blockAtRegistration', netuid, uid));
      }),
    weights: (netuid, uid, number) => blocks.at(number, (view) => readWeights(view, netuid, uid)),
    weightObstacles: (request, hotkey) =>
      blocks.at(undefined, async (view) =>
        weightObstaclesOf(request, await readWeightState(view, request.netuid, hotkey)),
      ),

    commit: (request) => commit(submit, blocks, request),
    register: (request) => register(submit, request),
    addStake: (request) => addStake(submit, request),
    serveAxon: (request) => serveAxon(submit, request),
    setWeights: (request) => setWeights(submit, blocks, request),
    close: connection.close,
  };
}
