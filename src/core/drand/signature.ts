import { bls12_381 } from '@noble/curves/bls12-381';
import { sha256 } from '@noble/hashes/sha2';
import { InvalidInputError } from '../errors.ts';
import type { Beacon } from './beacon.ts';

/** Points of G1: signatures, and the rounds that they sign. */
export type SignaturePoint = ReturnType<typeof bls12_381.G1.Point.fromBytes>;
/** Points of G2: public keys, and the first part of a time-locked ciphertext. */
export type KeyPoint = ReturnType<typeof bls12_381.G2.Point.fromBytes>;

/** Bytes of a round's signature: a compressed point of G1. */
export const SIGNATURE_BYTES = 48;
/** Bytes of a beacon's public key: a compressed point of G2. */
export const PUBLIC_KEY_BYTES = 96;

/** A round as the point of G1 that is signed: RFC 9380 hash of SHA-256(round, u64 big-endian). Throws InvalidInputError for no round. */
export function roundPoint(round: number): SignaturePoint {
  if (!Number.isSafeInteger(round) || round < 1) throw new InvalidInputError(`${round} is no drand round`, { round });
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round));
  return bls12_381.shortSignatures.hash(sha256(bytes), DOMAIN);
}

/** A signature's point; null for bytes that are none: off the curve, outside the group, or its zero. */
export function signaturePoint(bytes: Uint8Array): SignaturePoint | null {
  return bytes.length === SIGNATURE_BYTES ? validPoint(bytes, bls12_381.G1.Point) : null;
}

/** A public key's point; null for bytes that are none: off the curve, outside the group, or its zero. */
export function keyPoint(bytes: Uint8Array): KeyPoint | null {
  return bytes.length === PUBLIC_KEY_BYTES ? validPoint(bytes, bls12_381.G2.Point) : null;
}

/** Whether a signature is the beacon's for a round. Throws InvalidInputError where the beacon's public key is none. */
export function verifyRound(beacon: Beacon, round: number, signature: Uint8Array): boolean {
  const key = keyPoint(beacon.publicKey);
  if (key === null) throw new InvalidInputError("the beacon's public key is no point of G2");
  const point = signaturePoint(signature);
  return point !== null && bls12_381.shortSignatures.verify(point, roundPoint(round), key);
}

/**
 * A round's signature by a beacon of one's own, such as the development chain's: 48 bytes. `secret` is a scalar of 32 bytes, big-endian;
 * InvalidInputError where it is not between 1 and the group's order.
 */
export function signRound(secret: Uint8Array, round: number): Uint8Array {
  return roundPoint(round).multiply(secretScalar(secret)).toBytes();
}

/** The public key of a beacon of one's own, 96 bytes. `secret` as for `signRound`. */
export function beaconPublicKey(secret: Uint8Array): Uint8Array {
  return bls12_381.G2.Point.BASE.multiply(secretScalar(secret)).toBytes();
}

function secretScalar(secret: Uint8Array): bigint {
  const scalar = secret.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  if (secret.length !== 32 || !bls12_381.fields.Fr.isValidNot0(scalar)) {
    throw new InvalidInputError(
      "a beacon's secret is 32 bytes, a number between 1 and the order of BLS12-381's groups",
    );
  }
  return scalar;
}

function validPoint<Point extends SignaturePoint | KeyPoint>(
  bytes: Uint8Array,
  group: { fromBytes(bytes: Uint8Array): Point },
): Point | null {
  try {
    // A copy: the library clears the flags in the first byte, and through a Buffer it would do so in the caller's.
    const point = group.fromBytes(Uint8Array.from(bytes));
    point.assertValidity();
    return point.is0() ? null : point;
  } catch {
    // The library says by an Error of no class of its own that bytes are no point.
    return null;
  }
}

const DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
