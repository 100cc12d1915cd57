import type { Claim } from '../core/claim.ts';
import type { InvalidList } from './invalid-rows.ts';

/** What one validator found of the rows of a commitment that it drew. */
export interface CheckedCommit {
  claim: Claim;
  /** Rows with a conclusive verdict: valid, invalid or gone. */
  checked: number;
  /** Those of them that do not hold: invalid or gone. */
  failed: number;
}

/** What a check of one row of a commitment came to. */
export interface ClaimedVerdict {
  claim: Claim;
  verdict: 'valid' | 'invalid' | 'gone' | 'inconclusive';
}

/** A validator's list with what its word weighs. */
export interface WeighedChecks {
  /** In rao. */
  stake: bigint;
  list: Pick<InvalidList, 'commits'>;
}

/** Rows that a validator must have checked for its word to count. */
const LEAST_CHECKED = 5;

/** Sums up a validator's checks by commitment; what was inconclusive says nothing of it. */
export function checkedCommits(verdicts: readonly ClaimedVerdict[]): CheckedCommit[] {
  const sums = new Map<string, CheckedCommit>();
  for (const { claim, verdict } of verdicts) {
    if (verdict === 'inconclusive') continue;
    const { checked, failed } = sums.get(nameOf(claim)) ?? { checked: 0, failed: 0 };
    sums.set(nameOf(claim), { claim, checked: checked + 1, failed: failed + (verdict === 'valid' ? 0 : 1) });
  }
  return [...sums.values()];
}

/**
 * The commitments whose claims all fall, because hardly anything of them holds; otherwise whoever invents rows at addresses that others will go to
 * keeps all but the few that were drawn. At least two validators, and those of more than half of the stake that checked it, found most of their
 * sample not to hold; and this validator itself more than a quarter of its own.
 */
export function fallenCommits(own: Pick<InvalidList, 'commits'>, all: readonly WeighedChecks[]): Claim[] {
  const votes = new Map<string, { against: bigint; votersAgainst: number; stake: bigint }>();
  for (const { stake, list } of all) {
    for (const item of list.commits) {
      if (item.checked < LEAST_CHECKED) continue;
      const vote = votes.get(nameOf(item.claim)) ?? { against: 0n, votersAgainst: 0, stake: 0n };
      const isAgainst = item.failed * 2 > item.checked;
      votes.set(nameOf(item.claim), {
        against: vote.against + (isAgainst ? stake : 0n),
        votersAgainst: vote.votersAgainst + (isAgainst ? 1 : 0),
        stake: vote.stake + stake,
      });
    }
  }
  return own.commits.flatMap((item) => {
    const vote = votes.get(nameOf(item.claim));
    const isDoubted = item.failed * 4 > item.checked;
    return isDoubted && vote !== undefined && vote.votersAgainst >= 2 && vote.against * 2n > vote.stake
      ? [item.claim]
      : [];
  });
}

function nameOf({ block, event, hotkey, registered }: Claim): string {
  return JSON.stringify([block, event, hotkey, registered]);
}
