import { setTimeout as pause } from 'node:timers/promises';
import type { Neuron } from '../../src/commit/chain-port.ts';
import { isSignedBy } from '../../src/commit/signed-json.ts';
import type { StatedMiner } from '../../src/inference/challenge/period-plan.ts';
import { askCapacity } from '../../src/inference/client/ask-capacity.ts';
import type { SignedCapacity } from '../../src/inference/client/ask-capacity.ts';
import type { AskedMiner } from '../../src/inference/client/task-client.ts';
import { peerBase } from '../../src/net/peer-request.ts';
import type { ChallengeDeps } from './deps.ts';

/** Who states nothing loses what it proved before, so a call that fails is made again after these pauses: a lost packet or a restart should cost nobody that. */
const AGAIN_AFTER_MS = [500, 1500];
/** Not after this: all others wait for the plan. */
const ASKED_AGAIN_FOR_MS = 7000;

type StatingDeps = Pick<ChallengeDeps, 'http' | 'netuid' | 'now' | 'signer'>;

/** What miners state, signed by them; asked all at once, each on connections of its own. */
export async function statedMiners(
  deps: StatingDeps,
  neurons: readonly Neuron[],
  signal: AbortSignal,
): Promise<StatedMiner[]> {
  const asked = neurons.map(async ({ hotkey, registered, axon }): Promise<StatedMiner[]> => {
    if (axon === null || hotkey === deps.signer.address) return [];
    const miner = { hotkey, base: peerBase(axon) };
    const stated = await askUntilStated(deps, miner, signal);
    return stated === null ? [] : [{ ...miner, registered, capacity: stated.tasks }];
  });
  return (await Promise.all(asked)).flat();
}

/** Asks up to three times; null where the miner signs no statement. */
async function askUntilStated(
  deps: StatingDeps,
  miner: AskedMiner,
  signal: AbortSignal,
): Promise<SignedCapacity | null> {
  const startMs = deps.now();
  let stated = await askOnce(deps, miner, signal);
  for (const afterMs of AGAIN_AFTER_MS) {
    if (stated !== null || deps.now() - startMs > ASKED_AGAIN_FOR_MS) break;
    await pause(afterMs, undefined, { signal });
    stated = await askOnce(deps, miner, signal);
  }
  return stated;
}

async function askOnce({ http, netuid, now }: StatingDeps, miner: AskedMiner, signal: AbortSignal) {
  const stated = await askCapacity(http, miner, { netuid, nowMs: now, signal });
  return stated !== null && (await isSignedBy(stated, miner.hotkey)) ? stated : null;
}
