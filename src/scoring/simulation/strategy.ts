import type { DataRecord } from '../../core/record.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** A key that a miner registered. */
export interface Key {
  hotkey: string;
  /** Block of the registration. */
  registered: number;
}

/** A commitment as a miner makes it. */
export interface Commitment extends Key {
  block: number;
  rows: readonly DataRecord[];
  /** Validators that get its bytes by the deadline; null: all of them. */
  servedTo: readonly number[] | null;
  /**
   * Stands for the digest of its manifest, by which samples are drawn. The same in two runs unless a miner picks it, so that luck in sampling is
   * the same too.
   */
  manifest: string;
  /** Whose manifest it names, where that is not the miner's own. */
  manifestOf?: string;
}

/** What a miner knows and can do in one epoch. */
export interface Turn {
  epoch: number;
  firstBlock: number;
  random: Random;
  world: World;
  /** Rows that an honest miner of this size scrapes in an epoch. */
  rows: number;
  keys: readonly Key[];
  /**
   * What honest miners commit in this epoch. Attackers see all of it, as if every validator leaked every byte as soon as it had it; nobody
   * can use it in a block before that commitment's.
   */
  others: readonly Commitment[];
  /** Scrapes the next pages of this miner's own part of the site; each costs a fetch. */
  scrape(count: number, block: number): DataRecord[];
  /** Names of pages that the miner has not fetched, in the order of its own crawl. */
  names(count: number): string[];
  /** Registers a new key for this epoch in place of the first. */
  registerAgain(): Key;
  /** Keeps the bytes of another's commitment from every validator. */
  cutOff(commitment: Commitment): void;
  /** What the strategy kept from the epoch before. */
  memory: Map<string, readonly DataRecord[]>;
}

/** What a miner does in each epoch. */
export type Strategy = (turn: Turn) => Commitment[];

/** One commitment of all rows by the miner's first key. */
export function commit(
  turn: Turn,
  block: number,
  rows: readonly DataRecord[],
  changes: Partial<Commitment> = {},
): Commitment {
  const [key] = turn.keys;
  const { hotkey, registered } = key ?? { hotkey: '', registered: 0 };
  return { hotkey, registered, block, rows, servedTo: null, manifest: `${turn.epoch}`, ...changes };
}
