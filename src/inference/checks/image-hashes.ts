import { imagePixels } from './read-image.ts';
import type { Pixels } from './read-image.ts';

/** What tells an image again after it was resized or encoded anew; hashes have 64 bits in 16 hex digits. */
export interface ImagePrint {
  /** 8 x 8 shades of grey, row by row: what an average hash is made of. */
  shades: Uint8Array;
  difference: string;
  perceptual: string;
}

/** Prints of an image. Throws NotAnImage. */
export async function imagePrint(image: Uint8Array): Promise<ImagePrint> {
  const [small, wide, large] = await Promise.all([
    imagePixels(image, { width: 8, height: 8 }, 1),
    imagePixels(image, { width: 9, height: 8 }, 1),
    imagePixels(image, { width: 32, height: 32 }, 1),
  ]);
  return { shades: small.data, difference: differenceHash(wide), perceptual: perceptualHash(large) };
}

/**
 * Difference hash of 9 x 8 shades: a bit for each that is darker than its neighbour to the right. Source: N. Krawetz, "Kind of Like That" (2013), as the
 * Python package ImageHash has it.
 */
export function differenceHash({ data }: Pick<Pixels, 'data'>): string {
  if (data.length !== 72) throw new RangeError(`${data.length} shades: a difference hash is of 9 x 8`);
  const bits = Array.from({ length: 64 }, (_, index) => {
    const at = Math.floor(index / 8) * 9 + (index % 8);
    return (data[at] ?? 0) < (data[at + 1] ?? 0);
  });
  return hexOf(bits);
}

/**
 * Perceptual hash of 32 x 32 shades: a bit for each of the 8 x 8 lowest frequencies of their cosine transform (DCT-II) that is above their median. Source: N.
 * Krawetz, "Looks Like It" (2011), as the Python package ImageHash has it.
 */
export function perceptualHash({ data }: Pick<Pixels, 'data'>): string {
  if (data.length !== 1024) throw new RangeError(`${data.length} shades: a perceptual hash is of 32 x 32`);
  const rows = Array.from({ length: 32 }, (_, y) => lowFrequencies(Array.from(data.subarray(y * 32, y * 32 + 32))));
  const columns = Array.from({ length: 8 }, (_, x) => lowFrequencies(rows.map((row) => row[x] ?? 0)));
  const values = Array.from({ length: 64 }, (_, index) => columns[index % 8]?.[Math.floor(index / 8)] ?? 0);
  const sorted = values.toSorted((a, b) => a - b);
  const median = ((sorted[31] ?? 0) + (sorted[32] ?? 0)) / 2;
  return hexOf(values.map((value) => value > median));
}

/** The first eight of 32 coefficients. */
function lowFrequencies(values: readonly number[]): number[] {
  return COSINES.map((row) => row.reduce((sum, cosine, index) => sum + cosine * (values[index] ?? 0), 0));
}

const COSINES = Array.from({ length: 8 }, (_, frequency) =>
  Array.from({ length: 32 }, (_, index) => Math.cos((Math.PI * frequency * (2 * index + 1)) / 64)),
);

function hexOf(bits: readonly boolean[]): string {
  return bits
    .reduce((hash, bit) => (hash << 1n) | (bit ? 1n : 0n), 0n)
    .toString(16)
    .padStart(bits.length / 4, '0');
}
