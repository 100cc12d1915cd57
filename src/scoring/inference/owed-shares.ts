import { stakeShares } from './stake-shares.ts';
import type { StakeCurve } from './stake-shares.ts';

/** A hotkey of the subnet as the metagraph has it. */
export interface StakedHotkey {
  /** SS58 address. */
  hotkey: string;
  validatorPermit: boolean;
  /** RAO. */
  stake: bigint;
}

/** The subnet's terms of what miners owe. */
export interface OwedTerms {
  /** RAO that a validator needs besides its permit. */
  leastStake: bigint;
  curve: StakeCurve;
}

/** Whether miners answer a hotkey at all. */
export function mayAsk(
  { validatorPermit, stake }: StakedHotkey,
  { leastStake }: Pick<OwedTerms, 'leastStake'>,
): boolean {
  return validatorPermit && stake >= leastStake;
}

/**
 * Everybody's share of a stated volume, in its unit: by the stake of those that may ask. A miner serves by it and a validator asks by it; were they to reckon
 * otherwise, a 429 would be owed to one and not to the other.
 */
export function owedShares(volume: number, hotkeys: readonly StakedHotkey[], terms: OwedTerms): Map<string, number> {
  const asking = hotkeys.filter((one) => mayAsk(one, terms));
  const stakes = asking.map(({ stake }) => stake);
  const shares = stakeShares(volume, stakes, terms.curve);
  return new Map(asking.map(({ hotkey }, index) => [hotkey, shares[index] ?? 0]));
}
