import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUICKNET, roundAt, timeOfRound, type Beacon } from '../../../src/core/drand/beacon.ts';
import { beaconPublicKey, signRound, verifyRound } from '../../../src/core/drand/signature.ts';
import { InvalidInputError } from '../../../src/core/errors.ts';

/** Round 1000 of quicknet, as drand published it. */
const ROUND_1000 = 'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39';

const secret = Buffer.alloc(32, 7);
const beacon: Beacon = { publicKey: beaconPublicKey(secret), genesisSeconds: 1000, periodSeconds: 2 };

describe('rounds', () => {
  it('begin at the genesis and come every period', () => {
    const { genesisSeconds } = QUICKNET;
    const times = [-1, 0, 2.9, 3, 2996.9, 2997].map((seconds) => roundAt(QUICKNET, genesisSeconds + seconds));
    expect(times).toEqual([0, 1, 1, 2, 999, 1000]);
    expect(timeOfRound(QUICKNET, 1000)).toBe(genesisSeconds + 2997);
  });

  it('are out from their time on, not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (round) => {
        const time = timeOfRound(QUICKNET, round);
        expect([roundAt(QUICKNET, time - 1), roundAt(QUICKNET, time)]).toEqual([round - 1, round]);
      }),
    );
  });
});

describe('signatures', () => {
  it("of quicknet verify for their round only, and leave the caller's bytes alone", () => {
    const signature = Buffer.from(ROUND_1000, 'hex');
    expect(verifyRound(QUICKNET, 1000, signature)).toBe(true);
    expect(verifyRound(QUICKNET, 1001, signature)).toBe(false);
    expect(verifyRound(beacon, 1000, signature)).toBe(false);
    expect(signature.toString('hex')).toBe(ROUND_1000);
  });

  it('of a beacon of ours verify with its public key', () => {
    const signature = signRound(secret, 12);
    expect(signature).toHaveLength(48);
    expect(verifyRound(beacon, 12, signature)).toBe(true);
    expect(verifyRound(beacon, 12, signRound(Buffer.alloc(32, 8), 12))).toBe(false);
  });

  it('that are no points of the group verify for nothing', () => {
    const zero = Buffer.concat([Buffer.of(0xc0), Buffer.alloc(47)]);
    const outsideOfTheGroup = Buffer.concat([Buffer.of(0x80), Buffer.alloc(47)]);
    const signature = signRound(secret, 1);
    for (const bytes of [zero, outsideOfTheGroup, Buffer.alloc(48, 0xff), signature.subarray(1), new Uint8Array()]) {
      expect(verifyRound(beacon, 1, bytes)).toBe(false);
    }
  });

  it('need a round, a secret and a public key', () => {
    for (const round of [0, -1, 1.5, 2 ** 53]) expect(() => signRound(secret, round)).toThrow(InvalidInputError);
    const order = Buffer.from('73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001', 'hex');
    for (const wrong of [Buffer.alloc(32), order, Buffer.alloc(31, 1)]) {
      expect(() => beaconPublicKey(wrong)).toThrow(InvalidInputError);
    }
    expect(() => verifyRound({ ...beacon, publicKey: new Uint8Array(96) }, 1, signRound(secret, 1))).toThrow(
      InvalidInputError,
    );
  });
});
