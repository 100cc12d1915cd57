/** Shades that a hash is made of: 8 x 8. */
const SHADES = 64;

/**
 * Average hash of a picture brought to 8 x 8 shades of grey: a bit for each that is brighter than their mean, row by row, as 16 hex digits.
 * @param shades 64 whole numbers
 */
export function averageHash(shades: ArrayLike<number>): string {
  if (shades.length !== SHADES) throw new RangeError(`${shades.length} shades: an average hash is of ${SHADES}`);
  const all = Array.from(shades);
  const sum = all.reduce((total, shade) => total + shade, 0);
  const bits = all.reduce((hash, shade) => (hash << 1n) | (shade * SHADES > sum ? 1n : 0n), 0n);
  return bits.toString(16).padStart(SHADES / 4, '0');
}

/** Bits in which two hashes of 16 hex digits differ. */
export function hashDistance(a: string, b: string): number {
  const differing = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  return differing.toString(2).replaceAll('0', '').length;
}
