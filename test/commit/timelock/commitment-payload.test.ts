import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCommitmentText,
  encodeCommitmentText,
  encryptCommitment,
  MAX_TIMELOCKED_BYTES,
} from '../../../src/commit/timelock/commitment-payload.ts';
import { decryptWith } from '../../../src/commit/timelock/encrypt.ts';
import { beaconPublicKey, signRound } from '../../../src/core/drand/signature.ts';

const secret = Buffer.alloc(32, 3);
const beacon = { publicKey: beaconPublicKey(secret), genesisSeconds: 0, periodSeconds: 3 };

describe('a time-locked commitment', () => {
  it('is a SCALE string, encrypted', () => {
    const encrypted = encryptCommitment({ text: 'hallo, 世界', beacon, round: 4 });
    const revealed = decryptWith(signRound(secret, 4), encrypted);
    expect(Buffer.from(revealed).toString('hex')).toBe(`34${Buffer.from('hallo, 世界').toString('hex')}`);
    expect(decodeCommitmentText(revealed)).toBe('hallo, 世界');
  });

  it('is read back whatever its text', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 400 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(decodeCommitmentText(encodeCommitmentText(text))).toBe(text);
      }),
    );
    const long = 'ab'.repeat(10_000);
    expect(decodeCommitmentText(encodeCommitmentText(long))).toBe(long);
  });

  it('fills the field to its last byte and no further', () => {
    const filled = encryptCommitment({ text: 'a'.repeat(778), beacon, round: 4 });
    expect(filled).toHaveLength(MAX_TIMELOCKED_BYTES);
    expect(() => encryptCommitment({ text: 'a'.repeat(780), beacon, round: 4 })).toThrow('shorten it by 2');
    expect(() => encryptCommitment({ text: '', beacon, round: 4 })).toThrow('never be revealed');
  });

  it('of another form is no text', () => {
    const forms = ['', '0c6869', '0868696a', '09006869', '0cff0000', '03'].map((hex) => Buffer.from(hex, 'hex'));
    expect(forms.map(decodeCommitmentText)).toEqual(forms.map(() => null));
  });
});
