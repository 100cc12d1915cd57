import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VersionedState } from '../../chain/versioned-state.ts';

describe('VersionedState', () => {
  it('gives the value of a key as it stood after any block', () => {
    const state = new VersionedState();
    state.apply(0, { '0xaa': '0x01' });
    state.apply(3, { '0xaa': '0x02', '0xbb': '0x09' });
    state.apply(7, { '0xaa': null });
    expect([0, 2, 3, 6, 7, 9].map((block) => state.get('0xaa', block))).toEqual([
      '0x01',
      '0x01',
      '0x02',
      '0x02',
      null,
      null,
    ]);
    expect(state.get('0xbb', 2)).toBeNull();
    expect(state.get('0xcc', 9)).toBeNull();
  });

  it('pages keys of a prefix in order, without those that have no value then', () => {
    const state = new VersionedState();
    state.apply(0, { '0xa3': '0x01', '0xa1': '0x01', '0xb1': '0x01', '0xa2': '0x01' });
    state.apply(1, { '0xa2': null, '0xa4': '0x01' });
    expect(state.keys('0xa', 2, '', 1)).toEqual(['0xa1', '0xa3']);
    expect(state.keys('0xa', 2, '0xa3', 1)).toEqual(['0xa4']);
    expect(state.keys('0xa', 9, '', 0)).toEqual(['0xa1', '0xa2', '0xa3']);
    expect(state.keys('0xc', 9, '', 1)).toEqual([]);
  });

  it('agrees with replaying every block', () => {
    const key = fc.constantFrom('0x00', '0x01', '0x10', '0x11', '0x1102', '0xff');
    const changes = fc.dictionary(key, fc.option(fc.constantFrom('0xaa', '0xbb')), { noNullPrototype: true });
    fc.assert(
      fc.property(
        fc.array(changes, { maxLength: 20 }),
        fc.nat(25),
        fc.constantFrom('0x', '0x1', '0x11'),
        (blocks, at, prefix) => {
          const state = new VersionedState();
          const replayed = new Map<string, string>();
          blocks.forEach((change, block) => {
            state.apply(block, change);
            if (block > at) return;
            for (const [name, value] of Object.entries(change)) {
              if (value === null) replayed.delete(name);
              else replayed.set(name, value);
            }
          });
          const expected = [...replayed.keys()].filter((name) => name.startsWith(prefix)).sort();
          expect(state.keys(prefix, 100, '', at)).toEqual(expected);
          for (const name of expected) expect(state.get(name, at)).toBe(replayed.get(name));
        },
      ),
    );
  });

  it('takes blocks back as if they had never been, and gives what they had changed', () => {
    const key = fc.constantFrom('0x00', '0x01', '0x10', '0x11', '0x1102', '0xff');
    const changes = fc.dictionary(key, fc.option(fc.constantFrom('0xaa', '0xbb')), { noNullPrototype: true });
    const blocks = fc.array(changes, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(blocks, fc.nat(19), (all, at) => {
        const last = Math.min(at, all.length - 1);
        const rolledBack = new VersionedState();
        const shorter = new VersionedState();
        all.forEach((change, block) => {
          rolledBack.apply(block, change);
          if (block <= last) shorter.apply(block, change);
        });
        const undone = rolledBack.rollback(last);
        for (let block = last + 1; block < all.length; block++) expect(undone.get(block) ?? {}).toEqual(all[block]);
        for (let block = 0; block < all.length + 1; block++) {
          const keys = shorter.keys('0x', 100, '', block);
          expect(rolledBack.keys('0x', 100, '', block)).toEqual(keys);
          for (const name of keys) expect(rolledBack.get(name, block)).toBe(shorter.get(name, block));
        }
      }),
    );
  });
});
