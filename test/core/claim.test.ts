import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/core/claim.ts';
import { compareClaims } from '../../src/core/claim.ts';
import { anyClaim } from '../dedup/claims.ts';

const first: Claim = { block: 10, event: 2, hotkey: '5Bob', registered: 7 };

describe('compareClaims', () => {
  it.each<[string, Claim, Claim]>([
    ['an earlier block', { ...first, event: 9, hotkey: '5Zed', registered: 9 }, { ...first, block: 11 }],
    ['an earlier event in one block', { ...first, hotkey: '5Zed', registered: 9 }, { ...first, event: 3 }],
    ['event 9 before event 10, by number', { ...first, event: 9 }, { ...first, event: 10 }],
    ['a smaller address at one event', { ...first, registered: 9 }, { ...first, hotkey: '5Boc' }],
    ['upper case before lower case', { ...first, hotkey: '5Z' }, { ...first, hotkey: '5a' }],
    ['an earlier registration of one address', first, { ...first, registered: 8 }],
  ])('puts %s first', (_, smaller, larger) => {
    expect(compareClaims(smaller, larger)).toBeLessThan(0);
    expect(compareClaims(larger, smaller)).toBeGreaterThan(0);
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(anyClaim, anyClaim, anyClaim, (a, b, c) => {
        expect(Math.sign(compareClaims(a, b))).toBe(0 - Math.sign(compareClaims(b, a)));
        expect(compareClaims(a, { ...a })).toBe(0);
        const [x, y, z] = [a, b, c].sort(compareClaims) as [Claim, Claim, Claim];
        expect(compareClaims(x, y)).toBeLessThanOrEqual(0);
        expect(compareClaims(y, z)).toBeLessThanOrEqual(0);
        expect(compareClaims(x, z)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
