import { PPM } from '../core/units.ts';
import { mulDiv } from './mul-div.ts';

/** What regular supply is measured by. */
export interface RegularityParameters {
  /** Epochs that are looked back on, this one included. */
  regular_epochs: number;
  /** Owned rows that make an epoch count. */
  regular_rows: number;
  /** Part of the pay that depends on regularity. */
  regularity_share_ppm: number;
}

/**
 * The last epochs with this one added, newest first, 1 where enough rows were owned and wanted. In how many commitments they came does not matter (DESIGN.md,
 * rule 7), and one large epoch is one epoch.
 */
export function nextRegular(before: readonly number[], rowsOwned: number, parameters: RegularityParameters): number[] {
  return [rowsOwned >= parameters.regular_rows ? 1 : 0, ...before].slice(0, parameters.regular_epochs);
}

/** The part of its pay that a miner gets for these epochs, in parts per million: whole where all count. */
export function regularityPpm(regular: readonly number[], parameters: RegularityParameters): number {
  const { regular_epochs: of, regularity_share_ppm: share } = parameters;
  const counted = regular.reduce((sum, epoch) => sum + epoch, 0);
  return PPM - share + mulDiv(share, Math.min(counted, of), of);
}
