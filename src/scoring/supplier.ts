import type { CheckedMiner } from './checked-miner.ts';
import type { TrackRecord } from './track-record.ts';

/** A miner in one pool, with what is remembered of it before and after this epoch. */
export interface Supplier extends CheckedMiner {
  pool: string;
  before: TrackRecord | undefined;
  record: TrackRecord;
}

/** What a formula makes of a supplier in one epoch, and why. */
export interface Earning<Reasons> {
  /** Millionths of a row; with D3's formula its points. */
  earned: number;
  reasons: Reasons;
}
