import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CIPHERTEXT_OVERHEAD_BYTES } from '../../../src/commit/timelock/ciphertext.ts';
import { decryptWith, encryptFor } from '../../../src/commit/timelock/encrypt.ts';
import { BadCiphertextError, WrongRoundError } from '../../../src/commit/timelock/errors.ts';
import { QUICKNET, type Beacon } from '../../../src/core/drand/beacon.ts';
import { beaconPublicKey, signRound } from '../../../src/core/drand/signature.ts';
import { InvalidInputError } from '../../../src/core/errors.ts';

const secret = Buffer.alloc(32, 5);
const beacon: Beacon = { publicKey: beaconPublicKey(secret), genesisSeconds: 0, periodSeconds: 3 };
const ROUND = 77;
const signature = signRound(secret, ROUND);
const plaintext = Buffer.from('weights of nobody');
const ciphertext = encryptFor(beacon, ROUND, plaintext);

/** Round 1000 of quicknet, as drand published it. */
const QUICKNET_1000 = Buffer.from(
  'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39',
  'hex',
);

/** `encrypt_at_round(b"from rust", 1000)` of bittensor-drand 2.0.0, without its envelope. */
const FROM_RUST = Buffer.from(
  'b8aefce0bcf9bfaf51964c2a2e7fcd55e1d803c36992e95c565c00efbfd4f2474422b21dc9fb833efe3ddfe062412a19017a50d82299a32c68f3ac24922e7dd01e3c2f568f871dc3d8581d3cf5cfa57ea2a2b48b009ce802efd06a0b5d8e7950200000000000000064bb5eb82e6c0ed606a25bf38dbd2627235339fff01214cd4cc0c66a14cfa3902000000000000000b04970bdd795cb9b3158362d7bc1dda6c13b077d6477eeb510f07ead21870063350000000000000019000000000000003e3a2c2b03df9d7cd05c308154d1a9f75e7e2cfe7da0ecdeff0c000000000000001c9184e7d3eca5b81537bd3d08000000000000004145535f47434d5f',
  'hex',
);

function damaged(index: number, bits: number): Uint8Array {
  return ciphertext.map((byte, at) => (at === index ? byte ^ bits : byte));
}

describe('encryptFor and decryptWith', () => {
  it('give back any plaintext with the signature of its round', () => {
    const rounds = fc.integer({ min: 1, max: 2 ** 40 });
    fc.assert(
      fc.property(rounds, fc.uint8Array({ maxLength: 2000 }), (round, bytes) => {
        const encrypted = encryptFor(beacon, round, bytes);
        expect(encrypted).toHaveLength(bytes.length + CIPHERTEXT_OVERHEAD_BYTES);
        expect(Buffer.from(decryptWith(signRound(secret, round), encrypted)).equals(bytes)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('open what the Rust crate encrypted to a round of quicknet', () => {
    expect(Buffer.from(decryptWith(QUICKNET_1000, FROM_RUST)).toString()).toBe('from rust');
  });

  it('make other bytes each time, of nothing but the randomness', () => {
    expect(Buffer.from(ciphertext).equals(encryptFor(beacon, ROUND, plaintext))).toBe(false);
    const fixed = (size: number): Uint8Array => Buffer.alloc(size, size);
    expect(encryptFor(beacon, ROUND, plaintext, fixed)).toEqual(encryptFor(beacon, ROUND, plaintext, fixed));
  });

  it('open nothing with the signature of another round, another beacon, or none', () => {
    for (const wrong of [signRound(secret, ROUND + 1), QUICKNET_1000, new Uint8Array(48), new Uint8Array()]) {
      expect(() => decryptWith(wrong, ciphertext)).toThrow(WrongRoundError);
    }
  });

  it('notice every changed byte; only the name of the suite at the end decides nothing, as in the chain', () => {
    const nameStart = ciphertext.length - 8;
    fc.assert(
      fc.property(fc.nat(nameStart - 1), fc.integer({ min: 1, max: 255 }), (index, bits) => {
        let thrown: unknown;
        try {
          decryptWith(signature, damaged(index, bits));
        } catch (error) {
          thrown = error;
        }
        expect(thrown instanceof BadCiphertextError || thrown instanceof WrongRoundError).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(Buffer.from(decryptWith(signature, damaged(nameStart, 1))).equals(plaintext)).toBe(true);
  });

  it('refuse what is cut short or goes on after its end', () => {
    for (const length of [0, 95, 96, 104, 136, 200, ciphertext.length - 1]) {
      expect(() => decryptWith(signature, ciphertext.slice(0, length))).toThrow(BadCiphertextError);
    }
    expect(() => decryptWith(signature, Buffer.concat([ciphertext, Buffer.of(0)]))).toThrow(
      'not a time-locked ciphertext: 1 bytes follow its end',
    );
  });

  it('need a beacon', () => {
    expect(() => encryptFor({ ...QUICKNET, publicKey: new Uint8Array(96) }, 1, plaintext)).toThrow(InvalidInputError);
  });
});
