import { sha256 } from '../../core/hash/sha256.ts';

/** Numbers that a seed fixes: the same on every machine, in the order in which they are asked for. */
export interface Random {
  /** A whole number from 0 to `bound` - 1. */
  below: (bound: number) => number;
  /** True in `ppm` of a million cases. */
  chance: (ppm: number) => boolean;
}

/** Mulberry32 from the first four bytes of the seed's SHA-256; integers only. */
export function createRandom(seed: string): Random {
  let state = Buffer.from(sha256(seed)).readUInt32BE(0);
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
  return { below, chance: (ppm) => below(1_000_000) < ppm };
}
