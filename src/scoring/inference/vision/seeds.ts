/** Seeds that a validator has to itself. */
const SEEDS_EACH = 100_000;

/** The first and last seed that a validator gives to models: no miner answers two validators from one computation. Source: Vision's validator. */
export function seedsOf(uid: number): { first: number; last: number } {
  return { first: SEEDS_EACH * uid, last: SEEDS_EACH * (uid + 1) - 1 };
}

/**
 * A seed of the validator's own.
 * @param draw any non-negative integer
 */
export function seedFor(uid: number, draw: number): number {
  return seedsOf(uid).first + (draw % SEEDS_EACH);
}
