import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareClaims } from '../../src/core/claim.ts';
import { parseHolder, printHolder } from '../../src/dedup/claim-text.ts';
import { placeOfClaim, readPlace } from '../../src/dedup/place.ts';
import { anyClaim } from './claims.ts';

describe('the holder of a claim, as Redis keeps it', () => {
  it('reads back as it was', () => {
    fc.assert(
      fc.property(anyClaim, ({ hotkey, registered }) => {
        expect(parseHolder(printHolder({ hotkey, registered }))).toEqual({ hotkey, registered });
      }),
    );
  });

  it.each([
    { hotkey: '', registered: 0 },
    { hotkey: '5A:0', registered: 0 },
    { hotkey: '5A', registered: -1 },
    { hotkey: '5A', registered: 1.5 },
  ])('is refused when it is none: %o', (holder) => {
    expect(() => printHolder(holder)).toThrow('no holder');
  });
});

describe('the place of a claim', () => {
  const place = fc.record({ block: fc.nat(2 ** 28 - 1), event: fc.nat(2 ** 20 - 1) });

  it('reads back as it was', () => {
    fc.assert(
      fc.property(place, (value) => {
        expect(readPlace(placeOfClaim(value))).toEqual(value);
      }),
    );
  });

  it('sorts as claims do', () => {
    const near = fc.record({
      block: fc.constantFrom(0, 1, 255, 256, 4_000_000),
      event: fc.constantFrom(0, 1, 65_535, 65_536),
    });
    fc.assert(
      fc.property(near, near, (a, b) => {
        const holder = { hotkey: '5A', registered: 0 };
        const expected = Math.sign(compareClaims({ ...a, ...holder }, { ...b, ...holder }));
        expect(Buffer.compare(placeOfClaim(a), placeOfClaim(b))).toBe(expected);
      }),
    );
  });

  it.each([
    { block: -1, event: 0 },
    { block: 1.5, event: 0 },
    { block: 2 ** 28, event: 0 },
    { block: 1, event: 2 ** 20 },
    { block: NaN, event: 0 },
  ])('is refused where there is none: %o', (value) => {
    expect(() => placeOfClaim(value)).toThrow('no place in a chain');
  });
});
