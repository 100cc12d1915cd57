import xxhash from 'xxhash-wasm';

const hash = await xxhash();

/**
 * What a URL is remembered by: its xxHash64 as a signed decimal, which is how Redis keeps 8 bytes of a set. Two URLs of one fingerprint
 * cost a page that is never fetched, never one that is fetched twice: among 10 million URLs once in 370,000 crawls.
 */
export function fingerprint(url: string): string {
  return BigInt.asIntN(64, hash.h64(url)).toString();
}

/** Which of SHAPE_COUNTERS counts URLs of this shape. */
export function shapeCounter(shape: string): number {
  return hash.h32(shape) % SHAPE_COUNTERS;
}

/** Shapes that share a counter end a little early: 10 million shapes are 38 to a counter, against a limit of 1,000. */
const SHAPE_COUNTERS = 2 ** 18;
