import type { Hyperparameters } from '../chain-port.ts';
import { readUid } from './commitments.ts';
import type { View } from './storage.ts';

const PALLET = 'subtensorModule';

/** See Chain.hyperparameters. Read one by one: the runtime API's answer differs from version to version. */
export async function readHyperparameters(view: View, netuid: number): Promise<Hyperparameters | null> {
  if ((await view.get(PALLET, 'networksAdded', netuid)) !== true) return null;
  const get = (item: string): Promise<unknown> => view.get(PALLET, item, netuid);
  const number = async (item: string): Promise<number> => Number(await get(item));
  return {
    tempo: await number('tempo'),
    maxUids: await number('maxAllowedUids'),
    maxValidators: await number('maxAllowedValidators'),
    immunityBlocks: await number('immunityPeriod'),
    burnRao: BigInt((await get('burn')) as number | string),
    registrationAllowed: (await get('networkRegistrationAllowed')) === true,
    minAllowedWeights: await number('minAllowedWeights'),
    maxWeightsLimit: await number('maxWeightsLimit'),
    weightsVersionKey: await number('weightsVersionKey'),
    weightsRateLimitBlocks: await number('weightsSetRateLimit'),
    servingRateLimitBlocks: await number('servingRateLimit'),
    commitReveal: (await get('commitRevealWeightsEnabled')) === true,
    revealPeriodEpochs: await number('revealPeriodEpochs'),
    stakeThresholdRao: BigInt((await view.get(PALLET, 'stakeThreshold')) as number | string),
  };
}

/** See Chain.subnetOwner. */
export async function readOwner(view: View, netuid: number): Promise<{ hotkey: string; uid: number | null } | null> {
  if ((await view.get(PALLET, 'networksAdded', netuid)) !== true) return null;
  const hotkey = (await view.get(PALLET, 'subnetOwnerHotkey', netuid)) as string | null;
  return hotkey === null ? null : { hotkey, uid: await readUid(view, netuid, hotkey) };
}
