import { randomBytes } from 'node:crypto';

/*
 * Encrypted key files of Bittensor's wallets (bittensor-wallet, keyfile.rs): `$NACL`, a 24-byte nonce, and a NaCl secretbox of the key file's
 * JSON, under a key that argon2i makes of the password with libsodium's SENSITIVE limits and a fixed salt.
 */
const MAGIC = Buffer.from('$NACL');
const NONCE_BYTES = 24;
const SALT = Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex');
const ARGON2I = { salt: SALT, iterations: 8, memorySize: 524_288, parallelism: 1, hashLength: 32 } as const;

/** How key files begin that older tools encrypted in other ways. */
const OTHER_ENCRYPTIONS = ['$ANSIBLE_VAULT', 'gAAAAA'];

export type FileProtection = 'none' | 'nacl' | 'other';

export function protectionOf(file: Uint8Array): FileProtection {
  const bytes = Buffer.from(file);
  if (bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'nacl';
  return OTHER_ENCRYPTIONS.some((start) => bytes.subarray(0, start.length).toString('latin1') === start)
    ? 'other'
    : 'none';
}

/** The file's text; null for a wrong password. Takes seconds and 512 MB, on purpose: so would each guess. */
export async function decryptKeyFile(file: Uint8Array, password: string): Promise<string | null> {
  const { naclDecrypt } = await import('@polkadot/util-crypto');
  const body = MAGIC.length + NONCE_BYTES;
  const opened = naclDecrypt(file.subarray(body), file.subarray(MAGIC.length, body), await keyOf(password));
  return opened === null ? null : Buffer.from(opened).toString('utf8');
}

/** The bytes of an encrypted key file. Takes as long as opening it. */
export async function encryptKeyFile(text: string, password: string): Promise<Uint8Array> {
  const { naclEncrypt } = await import('@polkadot/util-crypto');
  const nonce = randomBytes(NONCE_BYTES);
  const { encrypted } = naclEncrypt(Buffer.from(text), await keyOf(password), nonce);
  return Buffer.concat([MAGIC, nonce, encrypted]);
}

async function keyOf(password: string): Promise<Uint8Array> {
  const { argon2i } = await import('hash-wasm');
  return await argon2i({ ...ARGON2I, password, outputType: 'binary' });
}
