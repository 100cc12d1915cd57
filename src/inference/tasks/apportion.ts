/**
 * Whole numbers in the proportion of `weights` that add up to `whole`: each is rounded down, and what is left goes one by one to the largest
 * remainders, of equal ones to the first. All 0 where the weights are.
 * @param weights whole numbers, none negative
 */
export function apportion(weights: readonly number[], whole: number): number[] {
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  if (sum === 0n) return weights.map(() => 0);
  const shares = weights.map((weight, index) => {
    const product = BigInt(weight) * BigInt(whole);
    return { index, share: Number(product / sum), remainder: product % sum };
  });
  const left = whole - shares.reduce((total, { share }) => total + share, 0);
  const lucky = shares
    .filter(({ remainder }) => remainder > 0n)
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
    .slice(0, left)
    .map(({ index }) => index);
  return shares.map(({ index, share }) => share + (lucky.includes(index) ? 1 : 0));
}
