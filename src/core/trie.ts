import { compactAddLength, compactToU8a, hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';
import type { HexString } from '@polkadot/util/types';

/**
 * Substrate's base-16 modified Merkle-Patricia trie (the Polkadot specification, "State Storage and the Storage Trie"). Written
 * here because the library that knows it, smoldot in chopsticks' executor, gives no proof of chosen keys, and makes every root from the whole state.
 *
 * Tries are values: a change gives another root node that shares what did not change, and what a node encodes to is
 * worked out once.
 */
export interface TrieNode {
  /** Nibbles between the parent's branch and this node, in hex. */
  readonly partial: string;
  readonly value: TrieValue | undefined;
  /** By nibble; empty for a leaf. */
  readonly children: readonly (TrieNode | undefined)[];
  encoded?: Uint8Array;
}

interface TrieValue {
  bytes: Uint8Array;
  /** BLAKE2-256 of the bytes, where the node holds that instead of them. */
  hash: Uint8Array | undefined;
}

export type Trie = TrieNode | undefined;

/** Values of this size and more are hashed in state version 1; in version 0 none is. */
const HASHED_VALUE_BYTES = 33;
const NIBBLES = [...'0123456789abcdef'];

/** A trie with entries set or, where their value is null, removed. Keys and values are hex; `version` is the state version. */
export function withChanges(trie: Trie, changes: Iterable<[string, string | null]>, version: 0 | 1): Trie {
  let changed = trie;
  for (const [key, value] of changes) {
    const path = key.slice(2);
    changed = value === null ? remove(changed, path) : put(changed, path, valueOf(hexToU8a(value), version));
  }
  return changed;
}

/** The trie of a list, such as a block's extrinsics: each item under its SCALE-compact index. */
export function orderedTrie(items: readonly Uint8Array[], version: 0 | 1): Trie {
  const entries = items.map((item, index): [HexString, HexString] => [indexKey(index), u8aToHex(item)]);
  return withChanges(undefined, entries, version);
}

/** Key of an item of an ordered trie. */
export function indexKey(index: number): HexString {
  return u8aToHex(compactToU8a(index));
}

/** The trie's root: BLAKE2-256 of its topmost node. */
export function trieRoot(trie: Trie): HexString {
  return u8aToHex(blake2AsU8a(encode(trie), 256));
}

/** What proves the values of these keys, or that they have none: the nodes on their paths, and values that nodes only hash. */
export function proofOf(trie: Trie, keys: readonly string[]): HexString[] {
  const nodes = new Set<HexString>();
  for (const key of keys) {
    let rest = key.slice(2);
    let isRoot = true;
    for (let node = trie; node !== undefined;) {
      const encoded = encode(node);
      // Smaller nodes than a hash lie within their parent.
      if (isRoot || encoded.length >= 32) nodes.add(u8aToHex(encoded));
      isRoot = false;
      if (!rest.startsWith(node.partial)) break;
      rest = rest.slice(node.partial.length);
      if (rest === '') {
        if (node.value?.hash !== undefined) nodes.add(u8aToHex(node.value.bytes));
        break;
      }
      node = node.children[nibble(rest)];
      rest = rest.slice(1);
    }
  }
  return [...nodes];
}

function valueOf(bytes: Uint8Array, version: 0 | 1): TrieValue {
  const hashed = version === 1 && bytes.length >= HASHED_VALUE_BYTES;
  return { bytes, hash: hashed ? blake2AsU8a(bytes, 256) : undefined };
}

function put(node: Trie, path: string, value: TrieValue): TrieNode {
  if (node === undefined) return { partial: path, value, children: [] };
  const shared = sharedLength(node.partial, path);
  const rest = path.slice(shared);
  if (shared === node.partial.length) {
    if (rest === '') return { partial: node.partial, value, children: node.children };
    const child = put(node.children[nibble(rest)], rest.slice(1), value);
    return { partial: node.partial, value: node.value, children: replaced(node.children, nibble(rest), child) };
  }
  const below: TrieNode = { partial: node.partial.slice(shared + 1), value: node.value, children: node.children };
  const split = replaced([], nibble(node.partial.slice(shared)), below);
  const partial = path.slice(0, shared);
  if (rest === '') return { partial, value, children: split };
  const leaf: TrieNode = { partial: rest.slice(1), value, children: [] };
  return { partial, value: undefined, children: replaced(split, nibble(rest), leaf) };
}

function remove(node: Trie, path: string): Trie {
  if (node === undefined || !path.startsWith(node.partial)) return node;
  const rest = path.slice(node.partial.length);
  if (rest === '') return merged({ partial: node.partial, value: undefined, children: node.children });
  const child = node.children[nibble(rest)];
  const left = remove(child, rest.slice(1));
  if (left === child) return node;
  return merged({ partial: node.partial, value: node.value, children: replaced(node.children, nibble(rest), left) });
}

/** A node without a value needs two children; with one it becomes that child, with none it goes. */
function merged(node: TrieNode): Trie {
  if (node.value !== undefined) return node;
  const [first, second] = NIBBLES.flatMap((digit, index) => {
    const child = node.children[index];
    return child === undefined ? [] : [{ digit, child }];
  });
  if (first === undefined) return undefined;
  if (second !== undefined) return node;
  const { digit, child } = first;
  return { partial: node.partial + digit + child.partial, value: child.value, children: child.children };
}

/** Header, partial key, which children there are, value, children: in this order. */
function encode(node: Trie): Uint8Array {
  if (node === undefined) return Uint8Array.of(0);
  node.encoded ??= encodeNode(node);
  return node.encoded;
}

function encodeNode(node: TrieNode): Uint8Array {
  const parts = [header(node), hexToU8a(node.partial.length % 2 === 1 ? `0x0${node.partial}` : `0x${node.partial}`)];
  const children = NIBBLES.flatMap((_digit, index) => node.children[index] ?? []);
  if (children.length > 0) {
    const present = NIBBLES.reduce((bits, _digit, index) => bits | (node.children[index] ? 1 << index : 0), 0);
    parts.push(Uint8Array.of(present & 0xff, present >> 8));
  }
  if (node.value !== undefined) parts.push(node.value.hash ?? compactAddLength(node.value.bytes));
  for (const child of children) {
    const encoded = encode(child);
    parts.push(compactAddLength(encoded.length < 32 ? encoded : blake2AsU8a(encoded, 256)));
  }
  return u8aConcat(...parts);
}

/** The node's kind in the upper bits, the number of nibbles in the rest and, where it does not fit, in more bytes. */
function header({ partial, value, children }: TrieNode): Uint8Array {
  const isBranch = children.some((child) => child !== undefined);
  const [kind, most] = isBranch
    ? value === undefined
      ? [0b1000_0000, 63]
      : value.hash === undefined
        ? [0b1100_0000, 63]
        : [0b0001_0000, 15]
    : value?.hash === undefined
      ? [0b0100_0000, 63]
      : [0b0010_0000, 31];
  if (partial.length < most) return Uint8Array.of(kind | partial.length);
  const rest = partial.length - most;
  return Uint8Array.of(kind | most, ...new Array<number>(Math.floor(rest / 255)).fill(255), rest % 255);
}

function replaced(children: TrieNode['children'], index: number, child: Trie): TrieNode['children'] {
  const copy = NIBBLES.map((_digit, place) => children[place]);
  copy[index] = child;
  return copy;
}

function nibble(path: string): number {
  return Number.parseInt(path.slice(0, 1), 16);
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
