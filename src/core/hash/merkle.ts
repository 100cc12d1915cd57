import { hash } from 'node:crypto';
import { sha256 } from './sha256.ts';

/*
 * RFC 6962, section 2.1: leaves and nodes are hashed with a prefix of 0 and 1, and a tree of n leaves splits at the largest
 * power of two below n. The accumulator below holds one root for each set bit of n, so that rows can be streamed.
 */

/** Hash of one row's canonical JSON. */
export function leafHash(canonical: string): Uint8Array {
  // The prefix as a character, which is the same byte in UTF-8: one call takes a third of the time of three.
  return hash('sha256', `\0${canonical}`, 'buffer');
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}

/** Root over leaf hashes that arrive one after another; memory is log2(n) digests. */
export class MerkleAccumulator {
  #peaks: { size: number; root: Uint8Array }[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(leaf: Uint8Array): void {
    let node = { size: 1, root: leaf };
    for (let last = this.#peaks.at(-1); last?.size === node.size; last = this.#peaks.at(-1)) {
      this.#peaks.pop();
      node = { size: node.size * 2, root: nodeHash(last.root, node.root) };
    }
    this.#peaks.push(node);
    this.#count += 1;
  }

  /** The root as hex; of no leaves, the SHA-256 of nothing. */
  root(): string {
    const roots = this.#peaks.map((peak) => peak.root);
    let root = roots.pop();
    if (root === undefined) return Buffer.from(sha256('')).toString('hex');
    for (let left = roots.pop(); left !== undefined; left = roots.pop()) root = nodeHash(left, root);
    return Buffer.from(root).toString('hex');
  }
}

/** Root of a list of leaf hashes, as hex. */
export function merkleRoot(leaves: Iterable<Uint8Array>): string {
  const accumulator = new MerkleAccumulator();
  for (const leaf of leaves) accumulator.add(leaf);
  return accumulator.root();
}

/** Audit path of leaf `index` (RFC 6962, 2.1.1): the siblings from the leaf up to the root. */
export function merkleProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const split = largestPowerBelow(leaves.length);
  return index < split
    ? [...merkleProof(leaves.slice(0, split), index), treeHash(leaves.slice(split))]
    : [...merkleProof(leaves.slice(split), index - split), treeHash(leaves.slice(0, split))];
}

/** Whether `leaf` stands at `index` of the tree of `size` leaves with this root (hex). */
export function verifyProof(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: string,
): boolean {
  if (index < 0 || index >= size) return false;
  const path = [...proof];
  const computed = climb(leaf, index, size, path);
  return computed !== null && path.length === 0 && Buffer.from(computed).toString('hex') === root;
}

function climb(leaf: Uint8Array, index: number, size: number, path: Uint8Array[]): Uint8Array | null {
  if (size === 1) return leaf;
  const sibling = path.pop();
  if (sibling === undefined) return null;
  const split = largestPowerBelow(size);
  const own = index < split ? climb(leaf, index, split, path) : climb(leaf, index - split, size - split, path);
  if (own === null) return null;
  return index < split ? nodeHash(own, sibling) : nodeHash(sibling, own);
}

function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  return Buffer.from(merkleRoot(leaves), 'hex');
}

function largestPowerBelow(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}

const NODE = Uint8Array.of(1);
