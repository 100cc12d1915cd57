/** `a * b / c` of non-negative integers, rounded down; exact, however large the product. `c` is not 0. */
export function mulDiv(a: number, b: number, c: number): number {
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}
