import { PPM } from '../core/units.ts';
import { integerSqrt } from './fixed-power.ts';

/** What the spot checks of one miner's rows showed. `gone`: the source answers that there is no such page. */
export interface SpotCounts {
  valid: number;
  invalid: number;
  gone: number;
  inconclusive: number;
}

/**
 * Whether rows that their source does not show are more than deletions explain: the lower bound of the 95 % Wilson interval
 * of gone/(all conclusive and gone) lies above the source's baseline (DESIGN.md, rule 3). Integers only.
 * Source: Wilson, "Probable inference", JASA 22 (1927); z = 1.96.
 */
export function goneAboveBaseline(counts: SpotCounts, baselinePpm: number): boolean {
  const n = counts.valid + counts.invalid + counts.gone;
  if (n === 0) return false;
  return wilsonLowerPpm(counts.gone, n) > baselinePpm;
}

/** z² of 1.96, in millionths: 95 % of a normal distribution lie within. */
const Z2_95 = 3_841_600n;

/**
 * Lower bound of the Wilson interval of `hits` of `n`, in parts per million, rounded down.
 * @param z2 the square of its z, in millionths
 */
export function wilsonLowerPpm(hits: number, n: number, z2 = Z2_95): number {
  if (n === 0) return 0;
  // centre = (p + z²/2n) and spread = z sqrt(p(1-p)/n + z²/4n²), both over (1 + z²/n); all times n, scaled by 10^6.
  const scale = 1_000_000n;
  const [h, total] = [BigInt(hits), BigInt(n)];
  const centre = h * scale + z2 / 2n;
  const variance = ((h * (total - h) * scale) / total) * z2 + (z2 * z2) / 4n;
  const lower = centre - integerSqrt(variance);
  const ppm = (lower * scale) / (total * scale + z2);
  return ppm < 0n ? 0 : Number(ppm);
}

/** Share of conclusive checks that were valid, in parts per million; 0 where nothing was conclusive: unproven rows don't pay. */
export function validityPpm(counts: SpotCounts, goneCounts: boolean): number {
  const wrong = counts.invalid + (goneCounts ? counts.gone : 0);
  const conclusive = counts.valid + wrong;
  return conclusive === 0 ? 0 : Math.floor((counts.valid * PPM) / conclusive);
}
