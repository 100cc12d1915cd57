/** A claim among those to one key; `place` is what claims are ordered by. */
export interface Claimant {
  place: number;
  /** Tells versions of a page apart; null for what has only one version, such as a post. */
  version: string | null;
}

/** A claim that does not hold, and since when, in seconds since 1970. */
export interface Withdrawn {
  place: number;
  withdrawnAt: number;
}

/** A claim that owns a key, and the withdrawn claims from which the key came back to it. */
export interface Ownership {
  place: number;
  returnedFrom: Withdrawn[];
}

/**
 * Who owns a key, by all that is known of it (DESIGN.md, rule 1): the smallest claim that was not withdrawn. A page whose version differs is
 * owned anew by the first claim that comes late enough, and so on; a version that was owned before is not new again. The result depends on
 * what is known, not on the order in which it came.
 * @param renewable whether the second place is late enough after the first for a changed page to be owned anew
 * @returns owners by place; none where every claim was withdrawn
 */
export function ownersAmong(
  claimants: readonly Claimant[],
  withdrawn: readonly Withdrawn[],
  renewable: (first: number, second: number) => boolean,
): Ownership[] {
  const gone = new Map<number, number>();
  for (const { place, withdrawnAt } of withdrawn) {
    gone.set(place, Math.min(withdrawnAt, gone.get(place) ?? Infinity));
  }
  const owners: Ownership[] = [];
  const versions = new Set<string | null>();
  let returnedFrom: Withdrawn[] = [];
  for (const { place, version } of [...claimants].sort((a, b) => a.place - b.place)) {
    const last = owners.at(-1);
    const isNew = last === undefined || (version !== null && !versions.has(version) && renewable(last.place, place));
    const withdrawnAt = gone.get(place);
    if (withdrawnAt !== undefined) {
      // What a withdrawn claim would have owned comes back to whoever owns instead.
      if (isNew) returnedFrom.push({ place, withdrawnAt });
      continue;
    }
    if (!isNew) continue;
    versions.add(version);
    owners.push({ place, returnedFrom });
    returnedFrom = [];
  }
  return owners;
}

/**
 * Whether a key that came back pays its new owner (attack 9): only a commit made before the failed claim's bytes could be had, which is no later than
 * the failed commit's own block, or a row that was scraped after the key came back. Otherwise whoever knocks a claim out would be paid for
 * a copy of it.
 */
export function isReturnPaid(
  claim: { block: number },
  returnedFrom: readonly { block: number; withdrawnAt: number }[],
  scrapedAtUs: number,
): boolean {
  return returnedFrom.every(({ block, withdrawnAt }) => claim.block <= block || scrapedAtUs > withdrawnAt * 1_000_000);
}
