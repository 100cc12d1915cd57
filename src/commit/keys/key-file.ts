import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Signer } from '../../core/chain.ts';
import { messageOf } from '../../core/errors.ts';
import { WalletError } from './errors.ts';
import { signerFromSecret } from './key-pair.ts';

/** What Bittensor's key files hold, as far as it is needed here. The seed comes first: it needs no derivation. */
const keyFileSchema = z.object({
  ss58Address: z.string(),
  secretSeed: z.string().nullish(),
  secretPhrase: z.string().nullish(),
});

/** How encrypted key files of Bittensor's wallets begin. */
const ENCRYPTED = ['$NACL', '$ANSIBLE_VAULT', 'gAAAAA'];

/** Opens a key file with a secret in it. Throws WalletError. */
export async function readKeyFile(path: string): Promise<Signer> {
  const { ss58Address, secretSeed, secretPhrase } = await readFields(path);
  const secret = secretSeed ?? secretPhrase;
  if (secret === undefined || secret === null || secret === '')
    throw new WalletError(path, 'has no secretSeed and no secretPhrase');
  let signer: Signer;
  try {
    signer = await signerFromSecret(secret);
  } catch (error) {
    throw new WalletError(path, `its secret is ${messageOf(error)}`);
  }
  if (signer.address !== ss58Address)
    throw new WalletError(path, `its secret is not that of its address ${ss58Address}`);
  return signer;
}

/** The address in a public key file (`coldkeypub.txt`); null when there is no such file. */
export async function readAddress(path: string): Promise<string | null> {
  try {
    return (await readFields(path)).ss58Address;
  } catch (error) {
    if (error instanceof WalletError && error.details['missing'] === true) return null;
    throw error;
  }
}

async function readFields(path: string): Promise<z.infer<typeof keyFileSchema>> {
  const text = await readText(path);
  if (ENCRYPTED.some((start) => text.startsWith(start))) {
    throw new WalletError(path, 'is encrypted; Seine signs unattended and opens unencrypted keys only');
  }
  try {
    return keyFileSchema.parse(JSON.parse(text));
  } catch {
    throw new WalletError(path, "is not a key file of Bittensor's wallets (JSON with ss58Address)");
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WalletError(path, missing ? 'no such key file' : `can't be read: ${messageOf(error)}`, { missing });
  }
}
