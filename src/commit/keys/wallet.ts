import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Signer } from '../../core/chain.ts';
import { messageOf } from '../../core/errors.ts';
import type { FileProtection } from './encryption.ts';
import { WalletError } from './errors.ts';
import { protectionAt, readAddress, readKeyFile, writeKeyFile, writePublicFile, type AskPassword } from './key-file.ts';
import { generateKey, keyFromSecret, signerFromSecret, type KeyFields } from './key-pair.ts';

/** Which wallet: `<path>/<name>/hotkeys/<hotkey>`, as Bittensor's own tools lay it out. `~/` is the home folder. */
export interface WalletLocation {
  /** `~/.bittensor/wallets` by custom. */
  path: string;
  name: string;
  hotkey: string;
}

/** An open wallet. Neither printing nor serializing it shows a secret. */
export interface Wallet {
  name: string;
  hotkey: Signer;
  /** From `coldkeypub.txt`; null where there is none. */
  coldkeyAddress: string | null;
}

/** A key on disk as `seine wallet list` shows it, unopened. */
export interface ListedKey {
  file: string;
  /** Null where the file does not say (encrypted hotkeys). */
  address: string | null;
  protection: FileProtection;
}

export interface ListedWallet {
  name: string;
  coldkey: ListedKey | null;
  hotkeys: (ListedKey & { name: string })[];
}

/** Opens the hotkey of a wallet folder; `password` is asked where it is encrypted. Throws WalletError. */
export async function openWallet(location: WalletLocation, password?: AskPassword): Promise<Wallet> {
  const hotkey = await readKeyFile(keyPaths(location).hotkey, password);
  return { name: location.name, hotkey, coldkeyAddress: await readAddress(keyPaths(location).coldkeypub) };
}

/** Opens the coldkey, which registering and staking need. Throws WalletError. */
export async function openColdkey(location: WalletLocation, password?: AskPassword): Promise<Signer> {
  return await readKeyFile(keyPaths(location).coldkey, password);
}

/** The addresses that can be known without a password; null where there is no file, or it tells nothing. */
export async function addressesOf(
  location: WalletLocation,
): Promise<{ hotkey: string | null; coldkey: string | null }> {
  const paths = keyPaths(location);
  const coldkey = (await readAddress(paths.coldkeypub)) ?? (await readAddress(paths.coldkey));
  return { hotkey: await readAddress(paths.hotkey), coldkey };
}

export interface NewKey {
  location: WalletLocation;
  which: 'hotkey' | 'coldkey';
  /** Mnemonic or seed of a key that there is already; a new one is made where it is absent. */
  secret?: string;
  /** Encrypts the file. @default null: not encrypted */
  password?: string | null;
}

/** Writes a key with its mnemonic, and a coldkey's public file beside it. Throws WalletError rather than replace a key. */
export async function createKey(key: NewKey): Promise<{ path: string; address: string; phrase: string | null }> {
  const paths = keyPaths(key.location);
  const path = paths[key.which];
  if ((await protectionAt(path)) !== null) throw new WalletError(path, 'exists already; keys are never overwritten');
  const fields = await fieldsFor(path, key.secret);
  await writeKeyFile(path, fields, key.password ?? null);
  if (key.which === 'coldkey') await writePublicFile(paths.coldkeypub, fields);
  return { path, address: fields.ss58Address, phrase: fields.secretPhrase };
}

/** Writes a new, unencrypted hotkey. Throws WalletError rather than replace a key. */
export async function createWallet(location: WalletLocation): Promise<{ path: string; address: string }> {
  const { path, address } = await createKey({ location, which: 'hotkey' });
  return { path, address };
}

/** All wallets of a folder by name; none where there is no such folder. Opens no key. */
export async function listWallets(path: string): Promise<ListedWallet[]> {
  const root = expandHome(path);
  const names = (await namesIn(root, 'folder')).filter(isPlainName);
  return await Promise.all(
    names.map(async (name) => {
      const at = (hotkey: string): WalletLocation => ({ path, name, hotkey });
      const coldkey = await listed(keyPaths(at('default')).coldkey, (await addressesOf(at('default'))).coldkey);
      const files = (await namesIn(join(root, name, 'hotkeys'), 'file')).filter(isPlainName);
      // Newer wallets write a public file beside each hotkey.
      const keys = files.filter((file) => !file.endsWith('pub.txt'));
      const hotkeys = await Promise.all(
        keys.map(async (hotkey) => ({ name: hotkey, key: await listed(keyPaths(at(hotkey)).hotkey, null) })),
      );
      return {
        name,
        coldkey,
        hotkeys: hotkeys.flatMap((item) => (item.key ? [{ name: item.name, ...item.key }] : [])),
      };
    }),
  );
}

/** The signer of a development URI such as `//Alice`, whose secret everybody knows. Throws WalletError outside development. */
export async function openDevelopmentKey(options: { uri: string; development: boolean }): Promise<Signer> {
  const { uri, development } = options;
  if (!development)
    throw new WalletError('development key', 'is known to everybody: only development networks take it');
  if (!/^\/\/[\w/-]+$/.test(uri)) throw new WalletError('development key', 'is not a URI such as //Alice');
  return await signerFromSecret(uri);
}

/** The signer of a mnemonic or seed that stands in the environment. Throws WalletError, which does not carry it. */
export async function openEnvironmentKey(secret: string): Promise<Signer> {
  try {
    return await signerFromSecret((await keyFromSecret(secret)).secretSeed);
  } catch (error) {
    throw new WalletError('wallet.secret (SEINE_WALLET_SECRET)', `is ${messageOf(error)}`);
  }
}

function keyPaths(location: WalletLocation): Record<'hotkey' | 'coldkey' | 'coldkeypub', string> {
  const folder = join(expandHome(location.path), plainName(location.name));
  return {
    hotkey: join(folder, 'hotkeys', plainName(location.hotkey)),
    coldkey: join(folder, 'coldkey'),
    coldkeypub: join(folder, 'coldkeypub.txt'),
  };
}

async function fieldsFor(path: string, secret: string | undefined): Promise<KeyFields> {
  if (secret === undefined) return await generateKey();
  try {
    return await keyFromSecret(secret);
  } catch (error) {
    throw new WalletError(path, `was not written: the secret is ${messageOf(error)}`);
  }
}

async function listed(file: string, known: string | null): Promise<ListedKey | null> {
  const protection = await protectionAt(file);
  if (protection === null) return known === null ? null : { file, address: known, protection: 'none' };
  return { file, address: known ?? (await readAddress(file).catch(() => null)), protection };
}

async function namesIn(folder: string, kind: 'folder' | 'file'): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new WalletError(folder, `can't be read: ${error.message}`);
  });
  return entries
    .filter((entry) => (kind === 'folder') === entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

function plainName(name: string): string {
  if (!isPlainName(name)) throw new WalletError(name, 'is not the name of a wallet or hotkey');
  return name;
}

function isPlainName(name: string): boolean {
  return /^[\w.-]+$/.test(name) && !/^\.+$/.test(name);
}
