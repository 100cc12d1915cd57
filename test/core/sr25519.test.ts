import { cryptoWaitReady, sr25519PairFromSeed, sr25519Sign, sr25519Verify } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isSr25519Signature } from '../../src/core/sr25519.ts';

beforeAll(() => cryptoWaitReady());

const judged = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean => {
  try {
    return sr25519Verify(message, signature, publicKey);
  } catch {
    return false;
  }
};

describe('signatures', () => {
  it('are accepted where another implementation accepts them, whole and with any bit turned', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), fc.uint8Array({ maxLength: 300 }), fc.nat(64 * 8 - 1), (seed, message, bit) => {
        const pair = sr25519PairFromSeed(seed);
        const signature = sr25519Sign(message, pair);
        expect(isSr25519Signature(message, signature, pair.publicKey)).toBe(true);
        const turned = signature.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(isSr25519Signature(message, turned, pair.publicKey)).toBe(judged(message, turned, pair.publicKey));
        expect(isSr25519Signature(message, turned, pair.publicKey)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('are none of other lengths, nor of keys that are none', () => {
    const pair = sr25519PairFromSeed(new Uint8Array(32));
    const message = Buffer.from('a');
    const signature = sr25519Sign(message, pair);
    expect(isSr25519Signature(message, signature.subarray(1), pair.publicKey)).toBe(false);
    expect(isSr25519Signature(message, signature, pair.publicKey.subarray(1))).toBe(false);
    expect(isSr25519Signature(message, signature, new Uint8Array(32).fill(255))).toBe(false);
    expect(isSr25519Signature(Buffer.from('b'), signature, pair.publicKey)).toBe(false);
  });
});
