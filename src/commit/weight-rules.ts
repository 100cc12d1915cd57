import type { WeightObstacle, WeightsRequest } from './chain-port.ts';

/** What the chain's checks of `set_weights` depend on, read at one block. */
export interface WeightState {
  /** The block that this was read at. */
  block: number;
  commitReveal: boolean;
  /** Uid of the signing hotkey, null when it is not registered. */
  uid: number | null;
  /** Whether the hotkey is the subnet owner's: exempt from stake and permit. */
  owner: boolean;
  /** RAO. */
  stake: bigint;
  stakeThreshold: bigint;
  permit: boolean;
  /** Block of the last weights. */
  lastUpdate: number;
  rateLimitBlocks: number;
  versionKey: number;
  uids: number;
  minAllowedWeights: number;
  /** First block of the next epoch, when permits are computed anew. */
  nextEpochBlock: number;
}

/** Which of the chain's checks weights would fail, in the order in which the chain makes them. */
export function weightObstaclesOf(request: WeightsRequest, state: WeightState): WeightObstacle[] {
  const { uids, weights, versionKey } = request;
  const found: WeightObstacle[] = [];
  const add = (rule: WeightObstacle['rule'], message: string, passesAtBlock: number | null = null): void => {
    found.push({ rule, message, passesAtBlock });
  };
  const onlySelf = uids.length === 1 && uids[0] === state.uid;
  const exempt = state.owner || onlySelf;
  const rateEnds = state.lastUpdate + state.rateLimitBlocks;

  if (state.commitReveal) add('commit_reveal', 'the subnet has commit-reveal on and takes no plain weights');
  if (uids.length !== weights.length) add('lengths', `${uids.length} uids for ${weights.length} weights`);
  if (state.uid === null) add('registration', 'the hotkey is not registered on the subnet: register it first');
  if (!state.owner && state.stake < state.stakeThreshold) {
    add('stake', `the stake of ${state.stake} RAO is below the threshold of ${state.stakeThreshold}: add stake`);
  }
  if (versionKey !== 0 && versionKey < state.versionKey) {
    add('version_key', `version key ${versionKey} is older than the subnet's ${state.versionKey}: update`);
  }
  if (state.uid !== null && state.lastUpdate > 0 && state.block + 1 < rateEnds) {
    add(
      'rate_limit',
      `weights were set at block ${state.lastUpdate}; the next may be set at block ${rateEnds}`,
      rateEnds,
    );
  }
  if (state.uid !== null && !state.permit && !exempt) {
    const when = state.stake > 0n ? state.nextEpochBlock : null;
    add('permit', `no validator permit: they go to the largest stakes at block ${state.nextEpochBlock}`, when);
  }
  const strange = uids.find((uid, index) => uid >= state.uids || uids.indexOf(uid) !== index);
  if (strange !== undefined) add('uids', `uid ${strange} occurs twice or is not among the subnet's ${state.uids}`);
  const least = Math.min(state.uids, state.minAllowedWeights);
  if (!onlySelf && uids.length < least) add('too_few', `${uids.length} weights of at least ${least}`);
  return found;
}
