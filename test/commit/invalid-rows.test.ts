import { describe, expect, it } from 'vitest';
import { agreedInvalid, unconfirmed } from '../../src/commit/invalid-rows.ts';
import type { InvalidRow } from '../../src/commit/invalid-rows.ts';

const CLAIM = { block: 10, event: 2, hotkey: '5Miner', registered: 1 };
const row = (id: string, changes: Partial<typeof CLAIM> = {}): InvalidRow => ({
  claim: { ...CLAIM, ...changes },
  ...{ id, reason: 'text_differs', archived: null },
});
const ids = (rows: readonly InvalidRow[]): string[] => rows.map(({ id }) => id);

describe('rows whose claims fall', () => {
  it('are those that this validator and another found invalid', () => {
    const own = [row('a'), row('b'), row('c')];
    expect(ids(agreedInvalid(own, [[row('b')], [row('c'), row('d')]]))).toEqual(['b', 'c']);
    expect(agreedInvalid(own, [])).toEqual([]);
    expect(agreedInvalid([], [[row('a')], [row('a')]])).toEqual([]);
  });

  it('are of the same commitment, by the same registration', () => {
    for (const other of [{ block: 11 }, { event: 3 }, { hotkey: '5Other' }, { registered: 2 }]) {
      expect(agreedInvalid([row('a')], [[row('a', other)]])).toEqual([]);
    }
  });
});

it('what another validator found and this one says nothing of is looked at', () => {
  expect(ids(unconfirmed([row('a')], [row('a'), row('b'), row('a', { block: 11 })]))).toEqual(['b', 'a']);
});
