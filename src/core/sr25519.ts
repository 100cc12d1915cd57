import { sr25519Verify } from '@polkadot/util-crypto';

/**
 * Whether a signature is this key's over the message; false for bytes that are no signature at all, for which the library throws.
 * `cryptoWaitReady` must have resolved.
 */
export function isSr25519Signature(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return sr25519Verify(message, signature, publicKey);
  } catch {
    return false;
  }
}
