import { excused } from './carry-over.ts';
import type { CheckedMiner } from './checked-miner.ts';
import type { MinerCounts } from './counts.ts';
import { allowedRows, nextCredibility, verifiedRows } from './credibility.ts';
import type { ScoringParameters } from './parameters.ts';
import { sn13Credibility } from './presets/sn13-credibility.ts';
import { nextRegular } from './regularity.ts';

/** What is remembered of a hotkey's registration, in all pools; it dies with the registration. */
export interface TrackRecord {
  hotkey: string;
  registered: number;
  credibility_ppm: number;
  /** The most rows that one epoch's checks proved. */
  most_verified_rows: number;
  /** Which of the last epochs had enough owned, wanted rows: 1 or 0, newest first. */
  regular: number[];
  /** Payable rows of the newest epoch. */
  payable_rows: number;
}

/** A miner's record after an epoch. */
export function nextRecord(
  { miner, validity, spot, wrong }: CheckedMiner,
  before: TrackRecord | undefined,
  parameters: ScoringParameters,
): TrackRecord {
  const sn13 = parameters.formula === 'sn13';
  const start = sn13 ? 0 : parameters.credibility_start_ppm;
  const credibility = before?.credibility_ppm ?? start;
  const checks = spot.valid + spot.invalid + spot.gone + spot.inconclusive;
  // Checks that the validator's own trouble spoilt must not slow an honest miner down.
  const spoilt = excused(checks, checks - spot.valid, spot, miner.controls);
  const paid = Math.min(miner.rows_payable, allowedOf(before, parameters));
  return {
    hotkey: miner.hotkey,
    registered: miner.registered,
    credibility_ppm: sn13
      ? sn13Credibility(credibility, spot.valid + wrong === 0 ? null : validity, {
          before: before?.payable_rows ?? 0,
          now: miner.rows_payable,
        })
      : nextCredibility(credibility, spot.valid, wrong, {
          ...parameters,
          sample_rows: parameters.sample_rows - spoilt,
        }),
    most_verified_rows: Math.max(before?.most_verified_rows ?? 0, verifiedRows(paid, spot.valid, wrong)),
    regular: nextRegular(before?.regular ?? [], miner.rows_payable, parameters),
    payable_rows: miner.rows_payable,
  };
}

/** Rows that a miner with this record is paid for at most. */
export function allowedOf(before: TrackRecord | undefined, parameters: ScoringParameters): number {
  return allowedRows(before?.most_verified_rows ?? 0, parameters.allowance_rows);
}

/** The key that scores and records are remembered by. */
export function registrationOf({ hotkey, registered }: Pick<MinerCounts, 'hotkey' | 'registered'>): string {
  return `${hotkey}@${registered}`;
}
