import { calculateStateRoot, createProof, destroyWorker } from '@acala-network/chopsticks-core';
import { compactToU8a, hexToU8a, stringToU8a, u8aToHex } from '@polkadot/util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { hashOf, valueInTrie } from '../../../src/commit/proof/trie.ts';
import { indexKey, orderedTrie, proofOf, trieRoot } from '../../../src/core/trie.ts';

afterAll(() => destroyWorker());

type Hex = `0x${string}`;

const bytes = (text: string): Uint8Array => stringToU8a(text);
/** Long and short values, one key that begins another, and 300 keys that share a beginning. */
const ENTRIES: [Uint8Array, Uint8Array][] = [
  [bytes('a'), bytes('x')],
  [bytes('ab'), bytes('y'.repeat(32))],
  [bytes('abc'), bytes('z'.repeat(33))],
  [bytes('b'.repeat(150)), bytes('long'.repeat(500))],
  ...Array.from({ length: 300 }, (_, at): [Uint8Array, Uint8Array] => [
    bytes(`shared:${at * 7919}`),
    bytes(`value ${at}`),
  ]),
];

describe('valueInTrie', () => {
  it("reads what is under every key of a trie that smoldot's implementation made", async () => {
    const updates = ENTRIES.map(([key, value]): [Hex, Hex] => [u8aToHex(key), u8aToHex(value)]);
    const { trieRootHash, nodes } = await createProof([], updates);
    const root = hexToU8a(trieRootHash);
    const decoded = nodes.map((node) => hexToU8a(node));
    for (const [key, value] of ENTRIES) expect(valueInTrie(root, decoded, key)).toEqual(value);
    for (const absent of ['', 'abcd', 'c', 'shared:', 'b'])
      expect(valueInTrie(root, decoded, bytes(absent))).toBeNull();
  });

  it.each([
    ['nothing', []],
    ['a node cut short', [Uint8Array.of(0x42, 0x01)]],
    ['a node that begins as none does', [Uint8Array.of(0x0f)]],
    ['bytes after a node', [Uint8Array.of(0x41, 0x01, 0x04, 0x01, 0xff)]],
    ['a length that is none', [Uint8Array.of(0x41, 0x01, 0x03)]],
  ])('refuses %s', (_, nodes) => {
    const root = hashOf(nodes[0] ?? new Uint8Array());
    expect(() => valueInTrie(root, nodes, Uint8Array.of(0x01))).toThrow(
      expect.objectContaining({ name: 'ProofInvalid' }),
    );
  });
});

describe('orderedTrie', () => {
  it.each([0, 1] as const)("has the root that smoldot's trie of state version %s has", async (version) => {
    for (const count of [1, 2, 16, 17, 64, 65, 300]) {
      const items = Array.from({ length: count }, (_, at) => bytes(`extrinsic ${at} `.repeat(at % 9)));
      const entries = items.map((item, at): [Hex, Hex] => [u8aToHex(compactToU8a(at)), u8aToHex(item)]);
      expect(trieRoot(orderedTrie(items, version))).toBe(await calculateStateRoot(entries, version));
    }
  });

  it('proves each item and nothing else', () => {
    const lists = fc.array(fc.uint8Array({ maxLength: 80 }), { minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(lists, fc.nat(), fc.constantFrom(0 as const, 1 as const), (items, seed, version) => {
        const index = seed % items.length;
        const trie = orderedTrie(items, version);
        const root = hexToU8a(trieRoot(trie));
        const nodes = proofOf(trie, [indexKey(index)]).map((node) => hexToU8a(node));
        expect(valueInTrie(root, nodes, compactToU8a(index))).toEqual(items[index]);
        const damaged = nodes.map((node, at) => (at === seed % nodes.length ? node.map((byte) => byte ^ 1) : node));
        expect(() => valueInTrie(root, damaged, compactToU8a(index))).toThrow(/missing/);
      }),
    );
  });

  it('shows that there is no item behind the last', () => {
    const trie = orderedTrie([bytes('only')], 0);
    const nodes = proofOf(trie, [indexKey(1)]).map((node) => hexToU8a(node));
    expect(valueInTrie(hexToU8a(trieRoot(trie)), nodes, compactToU8a(1))).toBeNull();
  });
});
