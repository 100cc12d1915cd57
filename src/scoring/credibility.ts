import { PPM } from '../core/units.ts';
import { mulDiv } from './mul-div.ts';
import { wilsonLowerPpm } from './validity.ts';

/** What credibility moves by; shares in parts per million. */
export interface CredibilityParameters {
  /** Of a hotkey that was never checked. */
  credibility_start_ppm: number;
  /** Part of the way up that a whole sample without fault goes. */
  credibility_gain_ppm: number;
  /** Part of the way down that a whole sample goes. */
  credibility_loss_ppm: number;
  /** Rows that are checked of each miner in an epoch. */
  sample_rows: number;
}

/**
 * Credibility after an epoch (DESIGN.md, rule 6): one step towards what the epoch's conclusive checks surely show, the lower 95 % bound of validity, as
 * a share of the bound that a whole sample without fault reaches. The step is as long as the part of a whole sample that was
 * conclusive; down it is longer than up. Where nothing was wrong it never falls: few checks are nobody's fault.
 * @param before parts per million
 * @param valid checks that were valid
 * @param wrong checks that count as wrong
 */
export function nextCredibility(
  before: number,
  valid: number,
  wrong: number,
  parameters: CredibilityParameters,
): number {
  const checks = valid + wrong;
  if (checks === 0) return before;
  const whole = Math.max(parameters.sample_rows, checks);
  const target = mulDiv(wilsonLowerPpm(valid, checks), PPM, wilsonLowerPpm(whole, whole));
  if (target >= before) return before + step(target - before, parameters.credibility_gain_ppm, checks, whole);
  return wrong === 0 ? before : before - step(before - target, parameters.credibility_loss_ppm, checks, whole);
}

function step(way: number, ratePpm: number, checks: number, whole: number): number {
  return mulDiv(mulDiv(way, ratePpm, PPM), checks, whole);
}

/** Rows that a hotkey may be paid for in an epoch: at most twice the most that was verified before, and the allowance that each begins with. */
export function allowedRows(mostVerifiedRows: number, allowanceRows: number): number {
  return Math.max(allowanceRows, 2 * mostVerifiedRows);
}

/**
 * Of the rows that an epoch paid for, those that its checks surely prove: by the lower 95 % bound of validity.
 * @param rows payable rows, at most the allowed ones
 */
export function verifiedRows(rows: number, valid: number, wrong: number): number {
  return mulDiv(rows, wilsonLowerPpm(valid, valid + wrong), PPM);
}
