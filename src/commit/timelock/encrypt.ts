import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { u8aConcat } from '@polkadot/util';
import type { Beacon } from '../../core/drand/beacon.ts';
import { decodeCiphertext, encodeCiphertext } from './ciphertext.ts';
import { BadCiphertextError } from './errors.ts';
import { openKey, sealKey } from './identity-encryption.ts';

/** So many random bytes. */
export type RandomBytes = (sizeBytes: number) => Uint8Array;

/**
 * Encrypts to a round of a beacon: whoever has the round's signature can read it, nobody before. A fresh AES-256-GCM key seals the plaintext,
 * and the key is encrypted to the round.
 *
 * The bytes are those of the Rust crate `tle` (github.com/ideal-lab5/timelock at 5416406, with `TinyBLS381` and
 * `AESGCMStreamCipherProvider`), which Subtensor decrypts with: `commit_timelocked_weights` and `Data::TimelockEncrypted`. They are
 * written here because no JavaScript library makes them in Node: drand's tlock-js 0.9.0 makes age files, with another key derivation
 * and another body, which the chain can't read; the crate's own wrapper @ideallabs/timelock.js 1.0.1 imports its files without
 * extensions, which only bundlers find. Curve and pairing are @noble/curves'.
 */
export function encryptFor(
  beacon: Beacon,
  round: number,
  plaintext: Uint8Array,
  random: RandomBytes = randomBytes,
): Uint8Array {
  const key = random(32);
  const nonce = random(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = u8aConcat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  return encodeCiphertext({ ...sealKey(beacon.publicKey, round, key, random(32)), sealed, nonce });
}

/**
 * Reads what was encrypted to the round that `signature` signs (48 bytes). WrongRoundError for another round's signature;
 * BadCiphertextError for bytes that are no ciphertext or whose body was changed.
 */
export function decryptWith(signature: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const { sealed, nonce, ...sealedKey } = decodeCiphertext(ciphertext);
  if (sealed.length < TAG_BYTES) {
    throw new BadCiphertextError(`${sealed.length} sealed bytes hold no tag of ${TAG_BYTES}`, { bytes: sealed.length });
  }
  const decipher = createDecipheriv('aes-256-gcm', openKey(signature, sealedKey), nonce);
  const end = sealed.length - TAG_BYTES;
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return u8aConcat(decipher.update(sealed.subarray(0, end)), decipher.final());
  } catch {
    throw new BadCiphertextError('its body does not match its tag', { sealedBytes: sealed.length });
  }
}

const TAG_BYTES = 16;
