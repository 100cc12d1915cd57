import fc from 'fast-check';
import type { Claim } from '../../src/core/claim.ts';

/** Claims that often collide in some of their parts: few blocks, events, registrations and addresses. */
export const anyClaim: fc.Arbitrary<Claim> = fc.record({
  block: fc.constantFrom(1, 2, 9, 10, 4_000_000),
  event: fc.nat(3),
  hotkey: fc.constantFrom('5Bob', '5Boc', '5Z', '5a', '5Bo'),
  registered: fc.nat(2),
});
