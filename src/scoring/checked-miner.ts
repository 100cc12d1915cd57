import { reliableSpot } from './carry-over.ts';
import type { MinerCounts } from './counts.ts';
import { goneAboveBaseline, validityPpm } from './validity.ts';
import type { SpotCounts } from './validity.ts';

/** A miner's counts with what its checks amount to. */
export interface CheckedMiner {
  miner: MinerCounts;
  /** What can be relied on. */
  spot: SpotCounts;
  goneCounts: boolean;
  /** Checks that count as wrong. */
  wrong: number;
  /** Parts per million. */
  validity: number;
}

export function checkedMiner(miner: MinerCounts, notFoundBaselinePpm: number): CheckedMiner {
  const spot = reliableSpot(miner.spot, miner.controls);
  const goneCounts = goneAboveBaseline(spot, notFoundBaselinePpm);
  const wrong = spot.invalid + (goneCounts ? spot.gone : 0);
  return { miner, spot, goneCounts, wrong, validity: validityPpm(spot, goneCounts) };
}
