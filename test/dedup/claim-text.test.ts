import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClaim, printClaim } from '../../src/dedup/claim-text.ts';
import { anyClaim } from './claims.ts';

describe('a claim as Redis keeps it', () => {
  it('reads back as it was', () => {
    fc.assert(
      fc.property(anyClaim, (claim) => {
        expect(parseClaim(printClaim(claim))).toEqual(claim);
      }),
    );
  });

  it.each([
    { block: -1, event: 0, hotkey: '5A', registered: 0 },
    { block: 1.5, event: 0, hotkey: '5A', registered: 0 },
    { block: 1e21, event: 0, hotkey: '5A', registered: 0 },
    { block: 1, event: 0, hotkey: '', registered: 0 },
    { block: 1, event: 0, hotkey: '5A:0', registered: 0 },
  ])('is refused when it is none: %o', (claim) => {
    expect(() => printClaim(claim)).toThrow('not a claim');
  });
});
