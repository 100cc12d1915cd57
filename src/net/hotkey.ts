import { decodeAddress, encodeAddress } from '@polkadot/util-crypto';

/** SS58 prefix of Bittensor addresses. */
const SS58_PREFIX = 42;
const KEY_BYTES = 32;

/**
 * The public key that an address names; null where it names none. Only the one spelling with prefix 42 is a caller's name: other prefixes of the same
 * key would be other names.
 */
export function publicKeyOf(hotkey: string): Uint8Array | null {
  try {
    const publicKey = decodeAddress(hotkey, false, SS58_PREFIX);
    return publicKey.length === KEY_BYTES && encodeAddress(publicKey, SS58_PREFIX) === hotkey ? publicKey : null;
  } catch {
    return null;
  }
}
