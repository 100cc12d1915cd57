import type { Signer } from '../core/chain.ts';
import type { Digest } from '../core/manifest.ts';
import { isSignedBy, signJson } from './signed-json.ts';
import type { Signed } from './signed-json.ts';

/** What one validator says of the commitments of an epoch: whose bytes it had by their deadline. */
export interface AvailabilityList {
  version: 1;
  kind: 'availability';
  netuid: number;
  /** SS58 address of who says so. */
  validator: string;
  epoch: number;
  commits: { block: number; event: number; manifest: Digest; available: boolean }[];
}

/** A validator's list with what its word weighs. */
export interface WeighedList {
  /** In rao. */
  stake: bigint;
  list: AvailabilityList;
}

export async function signAvailability(list: AvailabilityList, signer: Signer): Promise<Signed<AvailabilityList>> {
  return await signJson(list, signer);
}

/** The lists of an epoch that their validators signed, with their stakes; of two by the same validator neither counts. */
export async function weighLists(
  lists: readonly Signed<AvailabilityList>[],
  about: { netuid: number; epoch: number },
  validators: readonly { hotkey: string; stake: bigint; validatorPermit: boolean }[],
): Promise<WeighedList[]> {
  const said = new Map<string, (Signed<AvailabilityList> | null)[]>();
  for (const list of lists) {
    if (list.version !== 1 || list.kind !== 'availability') continue;
    if (list.netuid !== about.netuid || list.epoch !== about.epoch) continue;
    if (!validators.some(({ hotkey, validatorPermit }) => hotkey === list.validator && validatorPermit)) continue;
    if (!(await isSignedBy(list, list.validator))) continue;
    const known = said.get(list.validator) ?? [];
    if (known.every((item) => item?.signature !== list.signature)) said.set(list.validator, [...known, list]);
  }
  return [...said].flatMap(([hotkey, [list, second]]) => {
    const validator = validators.find((item) => item.hotkey === hotkey);
    return list === undefined || list === null || second !== undefined || validator === undefined
      ? []
      : [{ stake: validator.stake, list }];
  });
}

/**
 * Which commitments were available (DESIGN.md, rule 2): those that more than half of the stake had in time, of the stake whose lists name them. A tie
 * is void. Gives places as `block-event`. The order of the lists decides nothing.
 */
export function availableByStake(lists: readonly WeighedList[]): Map<string, boolean> {
  const votes = new Map<string, { had: bigint; lacked: bigint }>();
  for (const { stake, list } of lists) {
    const named = new Map(list.commits.map((commit) => [`${commit.block}-${commit.event}`, commit.available]));
    for (const [place, available] of named) {
      const vote = votes.get(place) ?? { had: 0n, lacked: 0n };
      if (available) vote.had += stake;
      else vote.lacked += stake;
      votes.set(place, vote);
    }
  }
  return new Map([...votes].map(([place, { had, lacked }]) => [place, had > lacked]));
}
