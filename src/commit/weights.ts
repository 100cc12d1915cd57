/** The largest weight on the wire. */
export const MAX_WEIGHT = 65_535;

export interface WireWeights {
  uids: number[];
  /** u16, the largest is 65535. */
  values: number[];
}

/**
 * Weights as `set_weights` takes them: scaled so that the largest is 65535, rounded to nearest, those that come out as zero dropped, by
 * ascending uid. Weights are non-negative integers of any scale (parts per billion, say); all zero gives nothing.
 */
export function normalizeWeights(weights: readonly { uid: number; weight: number | bigint }[]): WireWeights {
  const exact = weights.map(({ uid, weight }) => ({ uid, weight: BigInt(weight) })).sort((a, b) => a.uid - b.uid);
  const wrong = exact.find(({ weight }) => weight < 0n);
  if (wrong !== undefined) throw new RangeError(`uid ${wrong.uid} has the negative weight ${wrong.weight}`);
  const max = exact.reduce((most, { weight }) => (weight > most ? weight : most), 0n);
  if (max === 0n) return { uids: [], values: [] };
  const scaled = exact
    .map(({ uid, weight }) => ({ uid, value: Number((weight * BigInt(MAX_WEIGHT) * 2n + max) / (max * 2n)) }))
    .filter(({ value }) => value > 0);
  return { uids: scaled.map(({ uid }) => uid), values: scaled.map(({ value }) => value) };
}

/** Each uid's share of what a validator has set on chain; the shares sum to 1. */
export function weightShares(onChain: readonly (readonly [uid: number, value: number])[]): Map<number, number> {
  const sum = onChain.reduce((total, [, value]) => total + value, 0);
  return new Map(sum === 0 ? [] : onChain.map(([uid, value]) => [uid, value / sum]));
}
