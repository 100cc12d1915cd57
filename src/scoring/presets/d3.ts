import { mulDiv } from '../mul-div.ts';
import { PPM } from '../../core/units.ts';
import type { Earning, Supplier } from '../supplier.ts';

/** Share of an epoch's points in D3's new score. */
export const D3_ALPHA_PPM = 100_000;

/** What D3's formula makes of a miner's rows. */
export interface D3Reasons {
  formula: 'd3';
  /** Payable rows, by their jobs' weights. */
  rows: number;
  /** Miners whose newest commitment is older. */
  rank: number;
  miners: number;
  /** Checked rows that were invalid. */
  wrong: number;
}

/**
 * Points of D3 (SN6): `rows² (rank + 1) / (n + 1) / (wrong + 1)`, rounded down, at most 2^53 - 1. Rank 0 is the stalest of n. Source: the validator's
 * reward function in D3's last public code, with its ranks turned the way its page means them. Its squared rows pay one large key more than
 * the same rows from two: kept as published.
 */
export function d3Points(rows: number, rank: number, miners: number, wrong: number): number {
  const points = (BigInt(rows) ** 2n * BigInt(rank + 1)) / (BigInt(miners + 1) * BigInt(wrong + 1));
  return Number(points > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : points);
}

/** D3's points of each miner in a pool; ranks by the block of the newest commitment among those with payable rows. */
export function d3Earnings(suppliers: readonly Supplier[]): Earning<D3Reasons>[] {
  const rowsOf = ({ miner, pool }: Supplier): number => mulDiv(miner.payable_ppm[pool] ?? 0, 1, PPM);
  const blocks = suppliers.filter((supplier) => rowsOf(supplier) > 0).map(({ miner }) => miner.newest_block);
  return suppliers.map((supplier) => {
    const { miner } = supplier;
    const rows = rowsOf(supplier);
    const rank = blocks.filter((block) => block < miner.newest_block).length;
    const wrong = miner.spot.invalid;
    return {
      earned: d3Points(rows, rank, blocks.length, wrong),
      reasons: { formula: 'd3', rows, rank, miners: blocks.length, wrong },
    };
  });
}
