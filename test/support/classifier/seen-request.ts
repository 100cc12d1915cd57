/** A request as the miner that gets it sees it, with the truth for training. */
export interface SeenRequest {
  /** Milliseconds, by the miner's own clock. */
  arrivedMs: number;
  /** Names and values by turns, as they came. */
  rawHeaders: readonly string[];
  body: string;
  synthetic: boolean;
}

/** What models learn from: numbers of a fixed meaning, and the numbers of things that are there. */
export interface Features {
  dense: readonly number[];
  /** Distinct, below `HASHED`. */
  present: readonly number[];
}

/** Buckets of hashed features. */
export const HASHED = 2 ** 15;

export interface Labelled extends Features {
  synthetic: boolean;
}
