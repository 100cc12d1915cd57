import { decodeAddress, encodeAddress } from '@polkadot/util-crypto';

/** SS58 prefix of Bittensor addresses. */
const SS58_PREFIX = 42;
const KEY_BYTES = 32;
/** Addresses whose keys are remembered: more than a subnet has neurons. Reading one costs a tenth of verifying a signature by it. */
const MOST_KNOWN = 4096;
const known = new Map<string, Uint8Array>();

/**
 * The public key that an address names; null where it names none. Only the one spelling with prefix 42 is a caller's name: other prefixes of the same
 * key would be other names.
 */
export function publicKeyOf(hotkey: string): Uint8Array | null {
  const publicKey = known.get(hotkey) ?? read(hotkey);
  if (publicKey === null || known.has(hotkey)) return publicKey;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(hotkey, publicKey);
  return publicKey;
}

function read(hotkey: string): Uint8Array | null {
  try {
    const publicKey = decodeAddress(hotkey, false, SS58_PREFIX);
    return publicKey.length === KEY_BYTES && encodeAddress(publicKey, SS58_PREFIX) === hotkey ? publicKey : null;
  } catch {
    return null;
  }
}
