import { calculateStateRoot, decodeProof, destroyWorker } from '@acala-network/chopsticks-core';
import type { HexString } from '@polkadot/util/types';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { proofOf, trieRoot, withChanges } from '../../src/core/trie.ts';

/** Short keys share prefixes; long ones make partial keys whose length takes more than one byte. */
const key = fc
  .oneof(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.uint8Array({ minLength: 150, maxLength: 300 }))
  .map(hex);
const value = fc.uint8Array({ maxLength: 70 }).map(hex);
const entries = fc.uniqueArray(fc.tuple(key, value), { maxLength: 60, selector: ([name]) => name });

afterAll(() => destroyWorker());

describe('a trie', () => {
  it('has the root that smoldot gives it, whatever was set and removed before', async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, fc.constantFrom(0 as const, 1 as const), async (kept, removed, version) => {
        const names = new Set(kept.map(([name]) => name));
        const gone = removed.filter(([name]) => !names.has(name));
        const before = withChanges(undefined, [...gone, ...kept.slice(1)], version);
        trieRoot(before);
        const after = withChanges(
          before,
          [...kept.slice(0, 1), ...gone.map(([name]): [string, null] => [name, null])],
          version,
        );
        expect(trieRoot(after)).toBe(await calculateStateRoot(kept, version));
      }),
      { numRuns: 60 },
    );
  });

  it('proves values and their absence, as smoldot reads proofs', async () => {
    await fc.assert(
      fc.asyncProperty(entries, key, async (all, other) => {
        const trie = withChanges(undefined, all, 1);
        const asked = [...all.slice(0, 3).map(([name]) => name), other];
        const decoded = (await decodeProof(trieRoot(trie), proofOf(trie, asked))) as Record<string, string | undefined>;
        const held = new Map<string, string>(all);
        for (const name of asked) expect(decoded[name]).toBe(held.get(name));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves the one it was made from as it was', () => {
    const first = withChanges(undefined, [['0x0102', '0x01']], 1);
    const root = trieRoot(first);
    withChanges(first, [['0x0103', '0x02']], 1);
    expect(trieRoot(first)).toBe(root);
    expect(trieRoot(undefined)).toBe('0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314');
  });
});

function hex(bytes: Uint8Array): HexString {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
