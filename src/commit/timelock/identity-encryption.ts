import { bls12_381 } from '@noble/curves/bls12-381';
import { u8aConcat, u8aToBigInt } from '@polkadot/util';
import {
  signaturePoint,
  keyPoint,
  roundPoint,
  type SignaturePoint,
  type KeyPoint,
} from '../../core/drand/signature.ts';
import { sha256 } from '../../core/hash/sha256.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { BadCiphertextError, WrongRoundError } from './errors.ts';

/** A key of 32 bytes, encrypted to a round: U of 96 bytes, V and W of 32. */
export interface SealedKey {
  u: Uint8Array;
  v: Uint8Array;
  w: Uint8Array;
}

/**
 * Identity-based encryption of a 32-byte key by Boneh and Franklin's FullIdent ("Identity-Based Encryption from the Weil Pairing", section 4.2),
 * the identity being a round and its private key the round's signature:
 * r = H3(sigma, key), U = r·G2, V = sigma ⊕ H2(e(round, P)^r), W = key ⊕ H4(sigma). H2 and H4 are SHA-256, H3 is SHA-256 modulo the
 * group's order, as `tle` has them. `sigma` is 32 random bytes.
 */
export function sealKey(publicKey: Uint8Array, round: number, key: Uint8Array, sigma: Uint8Array): SealedKey {
  const beacon = keyPoint(publicKey);
  if (beacon === null) throw new InvalidInputError("the beacon's public key is no point of G2");
  const r = scalarOf(sigma, key);
  const mask = maskOf(roundPoint(round).multiply(r), beacon);
  return { u: bls12_381.G2.Point.BASE.multiply(r).toBytes(), v: xor(sigma, mask), w: xor(key, sha256(sigma)) };
}

/**
 * The key that a round's signature opens. BadCiphertextError where U is no point of G2; WrongRoundError where the signature is no point
 * of G1, or the key it gives does not lead back to U.
 */
export function openKey(signature: Uint8Array, { u, v, w }: SealedKey): Uint8Array {
  const point = keyPoint(u);
  if (point === null) throw new BadCiphertextError('U is no point of G2');
  const secret = signaturePoint(signature);
  if (secret === null) throw new WrongRoundError(`${signature.length} bytes are no signature of a round`);
  const sigma = xor(v, maskOf(secret, point));
  const key = xor(w, sha256(sigma));
  if (!bls12_381.G2.Point.BASE.multiply(scalarOf(sigma, key)).equals(point)) {
    throw new WrongRoundError('the signature does not open this ciphertext');
  }
  return key;
}

/** H3. */
function scalarOf(sigma: Uint8Array, key: Uint8Array): bigint {
  const digest = sha256(u8aConcat(sigma, key));
  return bls12_381.fields.Fr.create(u8aToBigInt(digest, { isLe: false }));
}

/** H2 of a pairing. arkworks writes the twelve coefficients of a target element little-endian; the curve library, big-endian. */
function maskOf(g1: SignaturePoint, g2: KeyPoint): Uint8Array {
  const bytes = Buffer.from(bls12_381.fields.Fp12.toBytes(bls12_381.pairing(g1, g2)));
  for (let start = 0; start < bytes.length; start += COEFFICIENT_BYTES) {
    bytes.subarray(start, start + COEFFICIENT_BYTES).reverse();
  }
  return sha256(bytes);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}

const COEFFICIENT_BYTES = 48;
