/** Parts per million of parts per billion, to the nearest: powers come out a billionth low. */
export function ppmOf(ppb: bigint): number {
  return Number((ppb + 500n) / 1000n);
}

/** `numerator / denominator` of non-negative integers, to the nearest whole. */
export function nearest(numerator: bigint, denominator: bigint): number {
  return Number((2n * numerator + denominator) / (2n * denominator));
}
