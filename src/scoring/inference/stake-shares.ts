import { RAO_PER_TAO } from '../../core/units.ts';
import { powerPpb } from '../fixed-power.ts';

/** How a miner's stated volume is divided among validators. */
export type StakeCurve = 'linear' | 'power';

const LEAST_STAKE = 10_000n * RAO_PER_TAO;
const ADDED_STAKE = RAO_PER_TAO / 10_000n;
const EXPONENT_MILLI = 1030;
const LEAST_REQUESTS = 2;

/**
 * What each validator may use of `volume`, in its unit, rounded down.
 * `linear`: in proportion to stake (NicheImage's page: a tenth of the stake has 10 of 100 requests). `power`: by (stake + .0001)^1.03 of those that
 * have at least 10,000 tokens, at least 2 each, so that the sum may be above the volume (NicheImage's code).
 * @param stakes in RAO
 */
export function stakeShares(volume: number, stakes: readonly bigint[], curve: StakeCurve): number[] {
  const weights = curve === 'linear' ? stakes : stakes.map(powerOf(stakes));
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const least = curve === 'linear' ? 0 : LEAST_REQUESTS;
  return weights.map((weight) => (weight === 0n ? 0 : Math.max(least, Number((BigInt(volume) * weight) / total))));
}

/** Only ratios count: weights are parts per billion of the largest. */
function powerOf(stakes: readonly bigint[]): (stake: bigint) => bigint {
  const largest = stakes.reduce((most, stake) => (stake > most ? stake : most), 0n) + ADDED_STAKE;
  return (stake) => (stake < LEAST_STAKE ? 0n : powerPpb(stake + ADDED_STAKE, largest, EXPONENT_MILLI));
}
