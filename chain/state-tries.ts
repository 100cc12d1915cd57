import { compactToU8a, u8aToHex } from '@polkadot/util';
import type { HexString } from '@polkadot/util/types';
import type { Archive, ArchivedBlock } from './archive.ts';
import { proofOf, trieRoot, withChanges, type Trie } from '../src/core/trie.ts';

/** Tries of the newest blocks that are kept; older ones are made anew when a proof is asked for. */
const KEPT = 64;

/** The state as the trie that headers hold the root of. The runtime's system version 1 means state version 1. */
export class StateTries {
  readonly #archive: Archive;
  readonly #tries = new Map<string, Trie>();

  constructor(archive: Archive) {
    this.#archive = archive;
  }

  /** The trie of the state that these changes make of a block's. */
  after(parent: ArchivedBlock, changes: ArchivedBlock['changes']): Trie {
    return withChanges(this.#trieOf(parent), Object.entries(changes), 1);
  }

  /** Keeps a block's trie for the block after it. */
  keep(hash: HexString, trie: Trie): void {
    this.#tries.set(hash, trie);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > KEPT && oldest !== undefined) this.#tries.delete(oldest);
  }

  /** Proof of what keys hold after a block, as `state_getReadProof` gives it. */
  prove(block: ArchivedBlock, keys: readonly string[]): HexString[] {
    return proofOf(this.#trieOf(block), keys);
  }

  #trieOf(block: ArchivedBlock): Trie {
    const known = this.#tries.get(block.hash);
    if (known !== undefined) return known;
    const keys = this.#archive.keys(block, '0x', Infinity, '');
    const entries = keys.map((key): [string, string | null] => [key, this.#archive.value(block, key)]);
    const trie = withChanges(undefined, entries, 1);
    this.keep(block.hash, trie);
    return trie;
  }
}

/** Root of the trie of a block's extrinsics by their index, which FRAME makes in state version 0. */
export function extrinsicsRoot(extrinsics: readonly HexString[]): HexString {
  const entries = extrinsics.map((extrinsic, index): [string, string] => [u8aToHex(compactToU8a(index)), extrinsic]);
  return trieRoot(withChanges(undefined, entries, 0));
}
