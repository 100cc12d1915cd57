import type { DataRecord } from '../../core/record.ts';
import type { Verdict } from '../verdict.ts';

/** In hex; `text` is null where the text is too short to be anyone's. */
export interface RowKeys {
  record: string;
  text: string | null;
}

/** A claim that does not hold, and since when, in seconds since 1970. */
export interface Withdrawal {
  place: number;
  withdrawnAt: number;
}

/**
 * The rules of other rooms that a simulated validator follows: the real functions, passed in by whoever composes. Scoring itself is called
 * directly.
 */
export interface Rules {
  /** The keys by which a row is owned. */
  keysOf(row: DataRecord): RowKeys;
  /** Why a row is refused without a fetch; null when it is not. */
  refusalOf(row: DataRecord, committedAtUs: number): string | null;
  /** Owners of one key, by place. */
  ownersAmong(
    claimants: readonly { place: number; version: string | null }[],
    withdrawn: readonly Withdrawal[],
    renewable: (first: number, second: number) => boolean,
  ): { place: number; returnedFrom: Withdrawal[] }[];
  /** Whether a changed page at the second place is owned anew. */
  renewable: (first: number, second: number) => boolean;
  isReturnPaid(
    claim: { block: number },
    returnedFrom: readonly { block: number; withdrawnAt: number }[],
    scrapedAtUs: number,
  ): boolean;
  /** Whether the bytes count as available, by who had them in time; each validator with its stake. */
  isAvailable(had: readonly { stake: bigint; available: boolean }[]): boolean;
  /** Whether all claims of a commitment fall, by what each validator of equal stake found of the rows that it drew. */
  isFallen(found: readonly (readonly Verdict['verdict'][])[]): boolean;
}
