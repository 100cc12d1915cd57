import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptWith } from '../../../src/commit/timelock/encrypt.ts';
import {
  decodeWeights,
  encodeWeights,
  encryptWeights,
  MAX_COMMIT_BYTES,
} from '../../../src/commit/timelock/weights-payload.ts';
import { beaconPublicKey, signRound } from '../../../src/core/drand/signature.ts';
import { InvalidInputError } from '../../../src/core/errors.ts';

const secret = Buffer.alloc(32, 9);
const beacon = { publicKey: beaconPublicKey(secret), genesisSeconds: 0, periodSeconds: 3 };
const hotkeyPublicKey = new Uint8Array(32).fill(0xab);
const payload = { hotkeyPublicKey, uids: [0, 258], values: [65_535, 1], versionKey: 42n };

const u16 = fc.integer({ min: 0, max: 0xffff });
const payloads = fc
  .record({
    hotkeyPublicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    weights: fc.array(fc.tuple(u16, u16), { maxLength: 300 }),
    versionKey: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  })
  .map(({ weights, ...rest }) => ({
    ...rest,
    uids: weights.map(([uid]) => uid),
    values: weights.map(([, value]) => value),
  }));

describe('encodeWeights', () => {
  it('writes the SCALE of the chain', () => {
    const expected = `80${'ab'.repeat(32)}0800000201${'08ffff0100'}2a00000000000000`;
    expect(Buffer.from(encodeWeights(payload)).toString('hex')).toBe(expected);
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(payloads, (weights) => {
        expect(decodeWeights(encodeWeights(weights))).toEqual(weights);
      }),
    );
  });

  it('refuses what the chain could not read', () => {
    const wrong = [
      { hotkeyPublicKey: new Uint8Array(31) },
      { uids: [1] },
      { values: [1, 65_536] },
      { uids: [1, 0.5] },
      { versionKey: -1n },
      { versionKey: 2n ** 64n },
    ];
    for (const change of wrong) expect(() => encodeWeights({ ...payload, ...change })).toThrow(InvalidInputError);
  });
});

describe('decodeWeights', () => {
  it('refuses anything else', () => {
    const bytes = encodeWeights(payload);
    const longerCount = Buffer.concat([Buffer.of(0x81, 0x00), bytes.subarray(1)]);
    const hugeCount = Buffer.concat([Buffer.of(0xff, 0xff, 0xff), bytes]);
    const others = [
      new Uint8Array(),
      bytes.slice(1),
      bytes.slice(0, -1),
      Buffer.concat([bytes, bytes]),
      longerCount,
      hugeCount,
    ];
    for (const other of others) expect(() => decodeWeights(other)).toThrow(InvalidInputError);
  });

  it('throws nothing but InvalidInput for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        expect(() => decodeWeights(bytes)).toThrow(InvalidInputError);
      }),
    );
  });
});

describe('encryptWeights', () => {
  it('hides the payload until its round', () => {
    const commit = encryptWeights({ ...payload, beacon, round: 9 });
    expect(decodeWeights(decryptWith(signRound(secret, 9), commit))).toEqual(payload);
  });

  it('refuses more than the call takes', () => {
    const many = (count: number) => ({
      ...payload,
      uids: Array<number>(count).fill(1),
      values: Array<number>(count).fill(1),
    });
    expect(encryptWeights({ ...many(1177), beacon, round: 9 }).length).toBeLessThanOrEqual(MAX_COMMIT_BYTES);
    expect(() => encryptWeights({ ...many(1178), beacon, round: 9 })).toThrow(
      /1178 uids take 500\d bytes .* takes 5000/,
    );
  });
});
