import type { WeightObstacle, WeightsRequest } from './chain-port.ts';
import { MAX_WEIGHT } from './weights.ts';

/** What the chain's checks of weights depend on, read at one block. */
export interface WeightState {
  /** The block that this was read at. */
  block: number;
  /** Whether the subnet takes weights only as commits that are revealed later. */
  commitReveal: boolean;
  /** Version of the commits that the chain takes; null where it takes none that open by themselves. */
  commitVersion: number | null;
  /** Unrevealed commits of the hotkey in this epoch. */
  unrevealed: number;
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
  /** Largest share of one weight, in parts of 65535. */
  maxWeightsLimit: number;
  /** First block of the next epoch, when permits are computed anew. */
  nextEpochBlock: number;
}

/** Version of commit-reveal that Seine encrypts for. */
export const COMMIT_VERSION = 4;
/** Unrevealed commits that one hotkey may have in an epoch. */
export const MAX_UNREVEALED = 10;

/**
 * Which of the chain's checks weights would fail, in the order in which the chain makes them. Time-locked weights are checked twice: when they are
 * committed, and when they are revealed, where what fails is lost without a word; both are named here.
 */
export function weightObstaclesOf(request: WeightsRequest, state: WeightState): WeightObstacle[] {
  const { uids, weights, versionKey } = request;
  const found: WeightObstacle[] = [];
  const add = (rule: WeightObstacle['rule'], message: string, passesAtBlock: number | null = null): void => {
    found.push({ rule, message, passesAtBlock });
  };
  const onlySelf = uids.length === 1 && uids[0] === state.uid;
  const exempt = state.owner || onlySelf;
  const rateEnds = state.lastUpdate + state.rateLimitBlocks;

  if (state.commitReveal && state.commitVersion !== COMMIT_VERSION) {
    const version = state.commitVersion === null ? 'none that open by themselves' : `version ${state.commitVersion}`;
    add('commit_reveal', `the subnet wants weights as commits, of which the chain takes ${version}: update Seine`);
  }
  if (uids.length !== weights.length) add('lengths', `${uids.length} uids for ${weights.length} weights`);
  if (state.uid === null) add('registration', 'the hotkey is not registered on the subnet: register it first');
  if (!state.owner && state.stake < state.stakeThreshold) {
    add('stake', `the stake of ${state.stake} RAO is below the threshold of ${state.stakeThreshold}: add stake`);
  }
  if (versionKey < state.versionKey) {
    add('version_key', `version key ${versionKey} is older than the subnet's ${state.versionKey}: update`);
  }
  if (state.uid !== null && state.lastUpdate > 0 && state.block + 1 < rateEnds) {
    add(
      'rate_limit',
      `weights were ${state.commitReveal ? 'committed' : 'set'} at block ${state.lastUpdate}; the next may be at block ${rateEnds}`,
      rateEnds,
    );
  }
  if (state.commitReveal && state.unrevealed >= MAX_UNREVEALED) {
    const when = state.nextEpochBlock;
    add(
      'unrevealed',
      `${state.unrevealed} commits of this epoch wait to be revealed; more from block ${when} on`,
      when,
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
  const largest = onlySelf ? null : aboveShare(weights, state.maxWeightsLimit);
  if (largest !== null) {
    const allowed = `${percent(state.maxWeightsLimit, MAX_WEIGHT)} %`;
    add('too_large', `a weight has ${percent(largest.weight, largest.sum)} % of all; the subnet allows ${allowed}`);
  }
  return found;
}

/** The largest weight, where its share of the sum is above the limit once the chain has scaled the largest to 65535. */
function aboveShare(weights: readonly number[], limit: number): { weight: number; sum: number } | null {
  const max = Math.max(0, ...weights);
  if (limit >= MAX_WEIGHT || max === 0) return null;
  const scaled = weights.map((weight) => Math.round((weight * MAX_WEIGHT) / max));
  const sum = scaled.reduce((total, weight) => total + weight, 0);
  return MAX_WEIGHT * MAX_WEIGHT <= sum * limit ? null : { weight: MAX_WEIGHT, sum };
}

function percent(part: number, whole: number): string {
  return ((100 * part) / whole).toFixed(1);
}
