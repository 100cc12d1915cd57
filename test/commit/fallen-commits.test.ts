import { describe, expect, it } from 'vitest';
import { checkedCommits, fallenCommits } from '../../src/commit/fallen-commits.ts';

const CLAIM = { block: 10, event: 2, hotkey: '5Miner', registered: 1 };
const list = (failed: number, checked = 30, claim = CLAIM) => ({ commits: [{ claim, checked, failed }] });
const weighed = (...all: readonly [stake: bigint, list: ReturnType<typeof list>][]) =>
  all.map(([stake, said]) => ({ stake, list: said }));

describe('a commitment whose claims all fall', () => {
  it('is one of which most of the stake found most not to hold', () => {
    expect(fallenCommits(list(20), weighed([10n, list(20)], [10n, list(16)], [5n, list(2)]))).toEqual([CLAIM]);
    expect(fallenCommits(list(20), weighed([10n, list(20)], [10n, list(16)], [25n, list(2)]))).toEqual([]);
  });

  it('is not one that a single validator speaks against, however large', () => {
    expect(fallenCommits(list(30), weighed([100n, list(30)]))).toEqual([]);
    expect(fallenCommits(list(30), weighed([100n, list(30)], [1n, list(15)]))).toEqual([]);
  });

  it('is not one that holds in one’s own sample, whatever the others say', () => {
    const others: [bigint, ReturnType<typeof list>][] = [
      [10n, list(30)],
      [10n, list(30)],
    ];
    expect(fallenCommits(list(7), weighed([1n, list(7)], ...others))).toEqual([]);
    expect(fallenCommits(list(8), weighed([1n, list(8)], ...others))).toEqual([CLAIM]);
  });

  it('is judged by samples that say something, and of the same commitment', () => {
    const few = list(4, 4);
    expect(fallenCommits(few, weighed([10n, few], [10n, few]))).toEqual([]);
    for (const changes of [{ block: 11 }, { event: 3 }, { hotkey: '5Other' }, { registered: 2 }]) {
      const another = list(30, 30, { ...CLAIM, ...changes });
      expect(fallenCommits(list(30), weighed([10n, list(30)], [10n, another]))).toEqual([]);
    }
  });
});

describe('checks of rows', () => {
  it('are summed up by commitment, without those that told nothing', () => {
    const other = { ...CLAIM, event: 3 };
    const found = (['valid', 'invalid', 'gone', 'inconclusive'] as const).map((verdict) => ({ claim: CLAIM, verdict }));
    expect(checkedCommits([...found, { claim: other, verdict: 'inconclusive' }])).toEqual([
      { claim: CLAIM, checked: 3, failed: 2 },
    ]);
    expect(checkedCommits([...found, { claim: other, verdict: 'valid' }])[1]).toEqual({
      ...{ claim: other, checked: 1, failed: 0 },
    });
  });
});
