/** A stretch of a miner's life: what it seals, and what befalls it while it publishes. */
export interface Schedule {
  /** Manifests that are sealed before it publishes. */
  seals: number;
  mishap: 'none' | 'cut' | 'kill';
  /** At which of its requests to the node, and on which side of it. */
  request: number;
  side: 'before' | 'after';
}

/** The schedule of a seed; the same seed gives the same one. */
export function scheduleOf(seed: number): Schedule {
  const random = randomOf(seed);
  const chance = random();
  return {
    seals: Math.floor(random() * 4),
    mishap: chance < 0.15 ? 'kill' : chance < 0.5 ? 'cut' : 'none',
    request: 1 + Math.floor(random() * 45),
    side: random() < 0.5 ? 'before' : 'after',
  };
}

/** Numbers in [0, 1), a sequence for each seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
