import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Signer } from '../../core/chain.ts';
import { messageOf } from '../../core/errors.ts';
import { decryptKeyFile, encryptKeyFile, protectionOf, type FileProtection } from './encryption.ts';
import { WalletError } from './errors.ts';
import { signerFromPrivateKey, signerFromSecret, type KeyFields } from './key-pair.ts';

/** What Bittensor's key files hold, as far as it is needed here. The seed comes first: it needs no derivation. */
const keyFileSchema = z.object({
  ss58Address: z.string(),
  secretSeed: z.string().nullish(),
  secretPhrase: z.string().nullish(),
  privateKey: z.string().nullish(),
  cryptoType: z.number().nullish(),
});

type FileFields = z.infer<typeof keyFileSchema>;

/** Gives the password of an encrypted key file; null where there is none to be had. */
export type AskPassword = (path: string) => Promise<string | null>;

const SR25519 = 1;

/** Opens a key file with a secret in it; `password` is asked for encrypted ones only. Throws WalletError. */
export async function readKeyFile(path: string, password: AskPassword = () => Promise.resolve(null)): Promise<Signer> {
  const fields = fieldsOf(path, await plainText(path, await readBytes(path), password));
  const { ss58Address, secretSeed, secretPhrase, privateKey, cryptoType } = fields;
  if (cryptoType !== undefined && cryptoType !== null && cryptoType !== SR25519)
    throw new WalletError(path, `holds a key of crypto type ${cryptoType}; hotkeys and coldkeys are sr25519 (1)`);
  const secret = secretSeed || secretPhrase;
  let signer: Signer;
  try {
    if (secret) signer = await signerFromSecret(secret);
    else if (privateKey) return await signerFromPrivateKey(privateKey, ss58Address);
    else throw new Error('missing: it has no secretSeed, secretPhrase or privateKey');
  } catch (error) {
    throw new WalletError(path, `its secret is ${messageOf(error)}`);
  }
  if (signer.address !== ss58Address)
    throw new WalletError(path, `its secret is not that of its address ${ss58Address}`);
  return signer;
}

/** The address in a file that is not encrypted (`coldkeypub.txt`, plain hotkeys); null when there is no such file. */
export async function readAddress(path: string): Promise<string | null> {
  try {
    const bytes = await readBytes(path);
    return protectionOf(bytes) === 'none' ? fieldsOf(path, Buffer.from(bytes).toString('utf8')).ss58Address : null;
  } catch (error) {
    if (error instanceof WalletError && error.details['missing'] === true) return null;
    throw error;
  }
}

/** How a key file is protected; null when there is no such file. */
export async function protectionAt(path: string): Promise<FileProtection | null> {
  try {
    return protectionOf(await readBytes(path));
  } catch (error) {
    if (error instanceof WalletError && error.details['missing'] === true) return null;
    throw error;
  }
}

/** Writes a key, encrypted where a password is given, readable by the user alone. Throws WalletError rather than replace a key. */
export async function writeKeyFile(path: string, key: KeyFields, password: string | null): Promise<void> {
  const { secretPhrase, ...others } = key;
  const text = JSON.stringify(secretPhrase === null ? others : { ...others, secretPhrase });
  await writeNew(path, password === null ? Buffer.from(text) : await encryptKeyFile(text, password));
}

/** Writes the public part of a key, such as `coldkeypub.txt`. */
export async function writePublicFile(path: string, key: KeyFields): Promise<void> {
  const { accountId, publicKey, ss58Address, cryptoType } = key;
  await writeNew(path, Buffer.from(JSON.stringify({ accountId, publicKey, ss58Address, cryptoType })));
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new WalletError(
      path,
      exists ? 'exists already; keys are never overwritten' : `can't be written: ${messageOf(error)}`,
    );
  }
}

async function plainText(path: string, bytes: Uint8Array, ask: AskPassword): Promise<string> {
  const protection = protectionOf(bytes);
  if (protection === 'none') return Buffer.from(bytes).toString('utf8');
  if (protection === 'other')
    throw new WalletError(path, 'is encrypted in a way of old; open and save it once with a current Bittensor wallet');
  const password = await ask(path);
  if (password === null)
    throw new WalletError(path, 'is encrypted: give its password by wallet.password_file or SEINE_WALLET_PASSWORD');
  const text = await decryptKeyFile(bytes, password);
  if (text === null) throw new WalletError(path, 'is encrypted, and the password is not its own');
  return text;
}

function fieldsOf(path: string, text: string): FileFields {
  try {
    return keyFileSchema.parse(JSON.parse(text));
  } catch {
    throw new WalletError(path, "is not a key file of Bittensor's wallets (JSON with ss58Address)");
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WalletError(path, missing ? 'no such key file' : `can't be read: ${messageOf(error)}`, { missing });
  }
}
