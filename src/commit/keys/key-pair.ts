import type { Signer } from '../../core/chain.ts';
import { toSigner } from './signer.ts';

/** SS58 prefix of Bittensor addresses. */
const SS58_PREFIX = 42;

/**
 * The sr25519 signer of a secret: a mnemonic, a 32-byte seed in hex with 0x, or a development URI such as `//Alice`. Throws an Error that
 * does not carry the secret when it is none of these.
 */
export async function signerFromSecret(secret: string): Promise<Signer> {
  const [{ Keyring }, { cryptoWaitReady, mnemonicValidate }] = await Promise.all([
    import('@polkadot/keyring'),
    import('@polkadot/util-crypto'),
  ]);
  await cryptoWaitReady();
  // The keyring would take any short text for a seed.
  if (!/^0x[0-9a-f]{64}$/i.test(secret) && !secret.startsWith('//') && !mnemonicValidate(secret)) {
    throw new Error('neither a valid mnemonic nor a 32-byte seed in hex');
  }
  return toSigner(new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX }).createFromUri(secret));
}

/** A new key: its 12-word mnemonic, 32-byte seed, public key (both hex with 0x) and address. */
export async function generateKey(): Promise<{ phrase: string; seed: string; publicKey: string; address: string }> {
  const { cryptoWaitReady, encodeAddress, mnemonicGenerate, mnemonicToMiniSecret, sr25519PairFromSeed } =
    await import('@polkadot/util-crypto');
  await cryptoWaitReady();
  const phrase = mnemonicGenerate(12);
  const seed = mnemonicToMiniSecret(phrase);
  const { publicKey } = sr25519PairFromSeed(seed);
  const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
  return { phrase, seed: hex(seed), publicKey: hex(publicKey), address: encodeAddress(publicKey, SS58_PREFIX) };
}
