import { describe, expect, it } from 'vitest';
import { mediaKey } from '../../src/dedup/identities.ts';
import { isReturnPaid, ownersAmong } from '../../src/dedup/ownership.ts';

const after100 = (first: number, second: number): boolean => second - first >= 100;

describe('ownersAmong', () => {
  const post = (place: number) => ({ place, version: null });
  const page = (place: number, version: string) => ({ place, version });

  it('gives a key to its smallest claim that stands', () => {
    expect(ownersAmong([post(9), post(3), post(5)], [], after100)).toEqual([{ place: 3, returnedFrom: [] }]);
    const withdrawn = [{ place: 3, withdrawnAt: 50 }];
    expect(ownersAmong([post(9), post(3), post(5)], withdrawn, after100)).toEqual([
      { place: 5, returnedFrom: withdrawn },
    ]);
    expect(ownersAmong([post(3)], withdrawn, after100)).toEqual([]);
    expect(ownersAmong([], withdrawn, after100)).toEqual([]);
  });

  it('takes the earliest of several withdrawals, and none of claims that came later than the owner', () => {
    const withdrawn = [
      { place: 3, withdrawnAt: 60 },
      { place: 3, withdrawnAt: 50 },
      { place: 8, withdrawnAt: 10 },
    ];
    const owners = ownersAmong([post(3), post(5), post(8)], withdrawn, after100);
    expect(owners).toEqual([{ place: 5, returnedFrom: [{ place: 3, withdrawnAt: 50 }] }]);
  });

  it('gives a changed page anew once enough time has passed, a post never', () => {
    const places = (claimants: Parameters<typeof ownersAmong>[0], withdrawn: number[] = []): number[] =>
      ownersAmong(
        claimants,
        withdrawn.map((place) => ({ place, withdrawnAt: 1 })),
        after100,
      ).map(({ place }) => place);
    expect(places([page(1, 'a'), page(50, 'b'), page(101, 'a'), page(102, 'b'), page(103, 'c')])).toEqual([1, 102]);
    expect(places([page(1, 'a'), page(102, 'b'), page(202, 'a'), page(203, 'c')])).toEqual([1, 102, 203]);
    expect(places([post(1), post(500)])).toEqual([1]);
    // Withdrawn: the time is counted from who owns instead.
    expect(places([page(1, 'a'), page(50, 'a'), page(102, 'b'), page(150, 'b')], [1])).toEqual([50, 150]);
    expect(places([page(1, 'a'), page(102, 'b'), page(104, 'b')], [102])).toEqual([1, 104]);
  });
});

describe('isReturnPaid', () => {
  const from = [{ block: 10, withdrawnAt: 1_000 }];

  it('pays who committed no later than the failed claim, or scraped after it fell', () => {
    expect(isReturnPaid({ block: 11 }, [], 0)).toBe(true);
    expect(isReturnPaid({ block: 10 }, from, 0)).toBe(true);
    expect(isReturnPaid({ block: 11 }, from, 999_000_000)).toBe(false);
    expect(isReturnPaid({ block: 11 }, from, 1_000_000_000)).toBe(false);
    expect(isReturnPaid({ block: 11 }, from, 1_000_000_001)).toBe(true);
    expect(isReturnPaid({ block: 11 }, [...from, { block: 10, withdrawnAt: 2_000 }], 1_500_000_000)).toBe(false);
  });
});

describe('mediaKey', () => {
  it('is the same in any order, and null where a digest is not known', () => {
    const [a, b] = [{ sha256: 'ab'.repeat(32) }, { sha256: 'cd'.repeat(32) }];
    expect(mediaKey([a, b])).toEqual(mediaKey([b, a]));
    expect(mediaKey([a])).not.toEqual(mediaKey([a, a]));
    expect(mediaKey([])).toBeNull();
    expect(mediaKey([a, { sha256: null }])).toBeNull();
  });
});
