import type { Claim } from '../core/claim.ts';
import type { Digest } from '../core/manifest.ts';
import type { CheckedCommit } from './fallen-commits.ts';

/** A committed row whose source shows something else, as one validator saw it. */
export interface InvalidRow {
  /** Of the commitment that it came with. */
  claim: Claim;
  id: string;
  reason: string;
  /** Digest of the stored row and response. */
  archived: Digest | null;
}

/** What one validator says of the rows of an epoch: which of those that it checked are invalid, and how much of each commitment holds. */
export interface InvalidList {
  version: 1;
  kind: 'invalid';
  netuid: number;
  /** SS58 address of who says so. */
  validator: string;
  epoch: number;
  /**
   * Time of the block that seeded the epoch's checks, the same for all validators; microseconds since 1970. Claims that fall count as
   * withdrawn then.
   */
  at: number;
  rows: InvalidRow[];
  /** What came of the whole samples, by commitment. */
  commits: CheckedCommit[];
}

/**
 * The rows whose claims fall (DESIGN.md, rule 1: own samples alone move no owners): those that this validator found invalid and another found so
 * too.
 * @param others one list of each other validator that may be heard
 */
export function agreedInvalid(own: readonly InvalidRow[], others: readonly (readonly InvalidRow[])[]): InvalidRow[] {
  const said = new Set(others.flat().map(nameOf));
  return own.filter((row) => said.has(nameOf(row)));
}

/** Rows of another's list that this validator says nothing of yet. */
export function unconfirmed(own: readonly InvalidRow[], other: readonly InvalidRow[]): InvalidRow[] {
  const known = new Set(own.map(nameOf));
  return other.filter((row) => !known.has(nameOf(row)));
}

function nameOf({ claim: { block, event, hotkey, registered }, id }: InvalidRow): string {
  return JSON.stringify([block, event, hotkey, registered, id]);
}
