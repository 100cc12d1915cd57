import type { ApiPromise } from '@polkadot/api';
import type { Chain, ChainShape, PlannedCall } from '../chain-port.ts';
import { ChainUnsupportedError } from '../chain-errors.ts';
import { proveCommit } from '../proof/prove.ts';
import { weightObstaclesOf } from '../weight-rules.ts';
import { readBalance } from './accounts.ts';
import { readBeacon } from './beacon.ts';
import { createBlocks } from './blocks.ts';
import { commit, commitSubmission, readCommits, readHeld, readRevealed, readUid } from './commitments.ts';
import { openConnection } from './connection.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { readBudget, readEpoch, readRateLimit } from './epochs.ts';
import { readMetagraph } from './metagraph.ts';
import { addStakeSubmission, registerSubmission, removeStakeSubmission, serveAxonSubmission } from './neurons.ts';
import { planOf } from './plan.ts';
import { shapeOf } from './shapes.ts';
import { readHyperparameters, readOwner } from './subnets.ts';
import type { Submission } from './submission.ts';
import { createSubmit } from './submit.ts';
import { setWeights, weightsSubmission } from './validator-weights.ts';
import { readWeights, readWeightState } from './weight-state.ts';

export interface ConnectOptions extends Omit<ConnectionOptions, 'genesisHash'> {
  /** A node that keeps all states, asked where the others have let go of one. Connected to when it is first needed. */
  archive?: string | undefined;
}

/**
 * Connects to the first endpoint that answers, and goes on with the next where one is lost. Throws ChainUnreachableError when none answers
 * within `patienceMs`, ForeignEndpointError and ChainUnsupportedError when what answers is no chain that Seine can use.
 */
export async function connectChain(options: ConnectOptions): Promise<Chain> {
  const connection = await openConnection(options);
  const { api } = connection;
  const archive = lazyArchive(options, api.genesisHash.toHex());
  const close = async (): Promise<void> => {
    await Promise.all([connection.close(), archive?.close()]);
  };
  const blocks = createBlocks(connection, archive?.open ?? null);
  const shape = shapeByVersion(api);
  let rateLimit: ChainShape['rateLimit'];
  try {
    shape();
    rateLimit = await blocks.at(undefined, readRateLimit);
  } catch (error) {
    await close();
    throw error;
  }
  const submit = createSubmit(connection, blocks);
  const needs = (ability: keyof ChainShape['supports'], what: string): void => {
    if (!shape().supports[ability]) throw new ChainUnsupportedError([what]);
  };
  const timelocked = (request: { data: Uint8Array; round: number }) => {
    needs('timelockedCommitments', 'time-locked commitments');
    return { kind: 'timelocked', encrypted: request.data, round: request.round } as const;
  };

  return {
    head: blocks.head,
    finalized: blocks.finalized,
    blockHash: blocks.hash,
    timestamp: blocks.timestamp,
    onFinalized: blocks.onFinalized,
    shape: () => ({ ...shape(), rateLimit }),

    commitsIn: (netuid, number) => blocks.at(number, (view) => readCommits(view, netuid)),
    commitmentAt: async (netuid, hotkey, number) =>
      (await blocks.at(number, (view) => readHeld(view, netuid, hotkey)))?.data ?? null,
    heldCommit: (netuid, hotkey, number) => blocks.at(number, (view) => readHeld(view, netuid, hotkey)),
    revealedCommits: (netuid, hotkey, number) => blocks.at(number, (view) => readRevealed(view, netuid, hotkey)),
    proveCommit: (request) => proveCommit(blocks, request),
    budget: (netuid, hotkey) => blocks.at(undefined, (view) => readBudget(view, netuid, hotkey)),
    epoch: (netuid) => blocks.at(undefined, (view) => readEpoch(view, netuid)),
    metagraph: (netuid, number) => blocks.at(number, (view) => readMetagraph(view, netuid)),
    registeredBlock: (netuid, hotkey) =>
      blocks.at(undefined, async (view) => {
        const uid = await readUid(view, netuid, hotkey);
        return uid === null ? null : Number(await view.get('subtensorModule', 'blockAtRegistration', netuid, uid));
      }),
    weights: (netuid, uid, number) => blocks.at(number, (view) => readWeights(view, netuid, uid)),
    subnetOwner: (netuid) => blocks.at(undefined, (view) => readOwner(view, netuid)),
    hyperparameters: (netuid) => blocks.at(undefined, (view) => readHyperparameters(view, netuid)),
    balance: (address) => blocks.at(undefined, (view) => readBalance(view, address)),
    beacon: () => blocks.at(undefined, readBeacon),
    weightObstacles: (request, hotkey) =>
      blocks.at(undefined, async (view) =>
        weightObstaclesOf(request, await readWeightState(view, request.netuid, hotkey)),
      ),

    plan: (call) => planOf(connection, blocks, submissionOf(call)),
    commit: (request) => commit(submit, blocks, request, { kind: 'text', data: request.data }),
    commitTimelocked: async (request) => await commit(submit, blocks, request, timelocked(request)),
    register: (request) => submit(registerSubmission(request), request.signer),
    addStake: (request) => submit(addStakeSubmission(request), request.signer),
    removeStake: async (request) => {
      needs('removeStake', 'call SubtensorModule.remove_stake');
      return await submit(removeStakeSubmission(request), request.signer);
    },
    serveAxon: async (request) => {
      const served = await submit(serveAxonSubmission(request), request.signer);
      return served === 'already' ? null : served;
    },
    setWeights: (request) => setWeights(submit, blocks, request),
    close,
  };

  function submissionOf(call: PlannedCall): Submission<unknown> {
    switch (call.call) {
      case 'commit':
        return commitSubmission(call, { kind: 'text', data: call.data });
      case 'commitTimelocked':
        return commitSubmission(call, timelocked(call));
      case 'register':
        return registerSubmission(call);
      case 'addStake':
        return addStakeSubmission(call);
      case 'removeStake':
        return removeStakeSubmission(call);
      case 'serveAxon':
        return serveAxonSubmission(call);
      case 'setWeights':
        return weightsSubmission(call, blocks);
    }
  }
}

/** The shape of the runtime that the chain has now, worked out once for each. */
function shapeByVersion(api: ApiPromise): () => ReturnType<typeof shapeOf> {
  let known: ReturnType<typeof shapeOf> | undefined;
  return () => {
    if (known?.specVersion !== api.runtimeVersion.specVersion.toNumber()) known = shapeOf(api);
    return known;
  };
}

/** The archive's connection, opened once when it is first asked for; again where that failed. */
function lazyArchive(
  { archive, log, patienceMs }: ConnectOptions,
  genesisHash: string,
): { open: () => Promise<Connection>; close: () => Promise<void> } | null {
  if (archive === undefined) return null;
  let opening: Promise<Connection> | undefined;
  return {
    open: () => {
      opening ??= openConnection({ endpoints: [archive], log, patienceMs, genesisHash }).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    close: async () => {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
