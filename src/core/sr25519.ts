import { isReady, sr25519Verify } from '@polkadot/wasm-crypto';

/**
 * Whether a signature is this key's over the message; false for bytes that are no signature at all, for which the library throws. By schnorrkel as the
 * chain has it, compiled to wasm: the JavaScript of util-crypto takes several times as long. Throws an Error unless `cryptoWaitReady` has resolved.
 */
export function isSr25519Signature(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (!isReady()) throw new Error('await cryptoWaitReady() before a signature is verified');
  try {
    return sr25519Verify(signature, message, publicKey);
  } catch {
    return false;
  }
}
