import { compactAddLength, compactToU8a } from '@polkadot/util';
import type { Beacon } from '../../core/drand/beacon.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { encryptFor } from './encrypt.ts';

/** Encrypted bytes that a `Data::TimelockEncrypted` field holds. */
export const MAX_TIMELOCKED_BYTES = 1024;

/**
 * A commitment's text, encrypted to a round for a `TimelockEncrypted` field. InvalidInputError for an empty text, which the chain would
 * not reveal, and for one whose ciphertext is too long: 778 bytes of UTF-8 fit.
 */
export function encryptCommitment({
  text,
  beacon,
  round,
}: {
  text: string;
  beacon: Beacon;
  round: number;
}): Uint8Array {
  if (text === '') throw new InvalidInputError('an empty commitment would never be revealed: give it a text');
  const encrypted = encryptFor(beacon, round, encodeCommitmentText(text));
  if (encrypted.length > MAX_TIMELOCKED_BYTES) {
    const over = encrypted.length - MAX_TIMELOCKED_BYTES;
    throw new InvalidInputError(
      `the commitment takes ${encrypted.length} bytes encrypted, the chain takes ${MAX_TIMELOCKED_BYTES}: shorten it by ${over}`,
      { bytes: encrypted.length, maxBytes: MAX_TIMELOCKED_BYTES },
    );
  }
  return encrypted;
}

/** The plaintext of a time-locked commitment, as `bittensor-drand` writes and the Python SDK reads it: SCALE of a string. */
export function encodeCommitmentText(text: string): Uint8Array {
  return compactAddLength(Buffer.from(text, 'utf8'));
}

/**
 * The text of a revealed commitment (`RevealedCommitments` holds the plaintext). Null where it is no SCALE string of valid UTF-8: the chain
 * reveals whatever bytes somebody encrypted.
 */
export function decodeCommitmentText(bytes: Uint8Array): string | null {
  const prefixBytes = [1, 2, 4].find((size) => {
    const prefix = compactToU8a(Math.max(0, bytes.length - size));
    return prefix.length === size && Buffer.from(prefix).equals(bytes.subarray(0, size));
  });
  if (prefixBytes === undefined) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(prefixBytes));
  } catch {
    return null;
  }
}
