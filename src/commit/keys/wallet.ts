import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Signer } from '../../core/chain.ts';
import { messageOf } from '../../core/errors.ts';
import { WalletError } from './errors.ts';
import { readAddress, readKeyFile } from './key-file.ts';
import { generateKey, signerFromSecret } from './key-pair.ts';

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
  /** Opens the coldkey, which registering and staking need. Throws WalletError unless it is there, unencrypted. */
  openColdkey(): Promise<Signer>;
}

/** Opens the hotkey of a wallet folder. Throws WalletError. */
export async function openWallet(location: WalletLocation): Promise<Wallet> {
  const folder = walletFolder(location);
  const hotkey = await readKeyFile(hotkeyPath(location));
  const coldkeyAddress = await readAddress(join(folder, 'coldkeypub.txt'));
  return { name: location.name, hotkey, coldkeyAddress, openColdkey: () => readKeyFile(join(folder, 'coldkey')) };
}

/** Writes a new hotkey with its mnemonic, readable by the user alone. Throws WalletError rather than replace a key. */
export async function createWallet(location: WalletLocation): Promise<{ path: string; address: string }> {
  const path = hotkeyPath(location);
  const { phrase, seed, publicKey, address } = await generateKey();
  const fields = { accountId: publicKey, publicKey, secretPhrase: phrase, secretSeed: seed, ss58Address: address };
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, JSON.stringify(fields), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new WalletError(
      path,
      exists ? 'exists already; keys are never overwritten' : `can't be written: ${messageOf(error)}`,
    );
  }
  return { path, address };
}

/** The signer of a development URI such as `//Alice`, whose secret everybody knows. Throws WalletError outside development. */
export async function openDevelopmentKey(options: { uri: string; development: boolean }): Promise<Signer> {
  const { uri, development } = options;
  if (!development)
    throw new WalletError('development key', 'is known to everybody: only development networks take it');
  if (!/^\/\/[\w/-]+$/.test(uri)) throw new WalletError('development key', 'is not a URI such as //Alice');
  return await signerFromSecret(uri);
}

function walletFolder({ path, name }: WalletLocation): string {
  const root = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
  return join(root, plainName(name));
}

function hotkeyPath(location: WalletLocation): string {
  return join(walletFolder(location), 'hotkeys', plainName(location.hotkey));
}

function plainName(name: string): string {
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name))
    throw new WalletError(name, 'is not the name of a wallet or hotkey');
  return name;
}
