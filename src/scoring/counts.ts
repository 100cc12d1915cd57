import type { ControlCounts } from './carry-over.ts';
import type { PayableGroup } from './caps.ts';
import type { SpotCounts } from './validity.ts';

/** What was counted of one miner in one epoch. */
export interface MinerCounts {
  uid: number;
  hotkey: string;
  /** Block of the hotkey's registration: a score dies with it. */
  registered: number;
  rows_verified: number;
  rows_owned: number;
  /** Rows that would pay, in whatever pool. */
  rows_payable: number;
  /** Block of the newest accepted commitment of the epoch; 0 where there is none. */
  newest_block: number;
  /** Sum of the job weights of the rows that would pay, in millionths of a row, by the pool that pays them. */
  payable_ppm: Record<string, number>;
  /** Of them what falls under a cap, by pool: by site and author, in the order of both. */
  payable_groups: Record<string, readonly PayableGroup[]>;
  /** Sum of the job weights of the payable rows that were drawn to be checked, by pool. */
  sampled_ppm: Record<string, number>;
  /** Sum of the job weights of sampled payable rows that were not seen valid, by pool. */
  unproven_ppm: Record<string, number>;
  spot: SpotCounts;
  /** Fetches of known-good rows beside this miner's checks; absent where none was made. */
  controls?: ControlCounts;
}
