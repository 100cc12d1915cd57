import type { Signer } from '../../core/chain.ts';
import { toSigner } from './signer.ts';

/** SS58 prefix of Bittensor addresses. */
const SS58_PREFIX = 42;
const HEX32 = /^0x[0-9a-f]{64}$/i;
const HEX64 = /^(?:0x)?[0-9a-f]{128}$/i;

/** A key as Bittensor's key files hold it; hex with 0x. A key from a seed has no phrase. */
export interface KeyFields {
  accountId: string;
  publicKey: string;
  secretPhrase: string | null;
  secretSeed: string;
  ss58Address: string;
  /** sr25519 */
  cryptoType: 1;
}

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
  if (!HEX32.test(secret) && !secret.startsWith('//') && !mnemonicValidate(secret)) throw new Error(NO_SECRET);
  return toSigner(new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX }).createFromUri(secret));
}

/**
 * The signer of a key file that has the expanded 64-byte secret only, as keys made from a derivation path do. schnorrkel writes its scalar plainly;
 * the library here takes it times eight, as Ed25519 does.
 */
export async function signerFromPrivateKey(privateKey: string, address: string): Promise<Signer> {
  const { cryptoWaitReady, decodeAddress, sr25519Sign, sr25519Verify } = await import('@polkadot/util-crypto');
  await cryptoWaitReady();
  if (!HEX64.test(privateKey)) throw new Error('not a 64-byte private key in hex');
  const publicKey = decodeAddress(address);
  const plain = Buffer.from(privateKey.replace(/^0x/, ''), 'hex');
  const probe = Buffer.from(address);
  for (const secretKey of [timesEight(plain), plain]) {
    const pair = { address, sign: (message: Uint8Array) => sr25519Sign(message, { publicKey, secretKey }) };
    if (sr25519Verify(probe, pair.sign(probe), publicKey)) return toSigner(pair);
  }
  throw new Error(`not that of its address ${address}`);
}

/** A new key with a mnemonic of 12 words. */
export async function generateKey(): Promise<KeyFields> {
  const { mnemonicGenerate } = await import('@polkadot/util-crypto');
  return await keyFromSecret(mnemonicGenerate(12));
}

/** The key of a mnemonic or a 32-byte seed in hex. Throws an Error that does not carry the secret. */
export async function keyFromSecret(secret: string): Promise<KeyFields> {
  const { cryptoWaitReady, encodeAddress, mnemonicToMiniSecret, mnemonicValidate, sr25519PairFromSeed } =
    await import('@polkadot/util-crypto');
  await cryptoWaitReady();
  const words = secret.trim().split(/\s+/).join(' ');
  const isSeed = HEX32.test(words);
  if (!isSeed && !mnemonicValidate(words)) throw new Error(NO_SECRET);
  const seed = isSeed ? Buffer.from(words.slice(2), 'hex') : mnemonicToMiniSecret(words);
  const { publicKey } = sr25519PairFromSeed(seed);
  const account = hex(publicKey);
  return {
    accountId: account,
    publicKey: account,
    secretPhrase: isSeed ? null : words,
    secretSeed: hex(seed),
    ss58Address: encodeAddress(publicKey, SS58_PREFIX),
    cryptoType: 1,
  };
}

const NO_SECRET = 'neither a valid mnemonic nor a 32-byte seed in hex';

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** The first 32 bytes, a little-endian scalar, times eight; the nonce behind it as it is. */
function timesEight(secret: Uint8Array): Uint8Array {
  const result = Uint8Array.from(secret);
  let carry = 0;
  for (let at = 0; at < 32; at++) {
    const value = (secret[at] ?? 0) * 8 + carry;
    result[at] = value & 0xff;
    carry = value >> 8;
  }
  return result;
}
