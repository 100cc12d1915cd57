import { readFile } from 'node:fs/promises';
import { connectSigner } from '../commit/keys/external-signer.ts';
import type { AskPassword } from '../commit/keys/key-file.ts';
import {
  addressesOf,
  openColdkey,
  openDevelopmentKey,
  openEnvironmentKey,
  openWallet,
  type WalletLocation,
} from '../commit/keys/wallet.ts';
import type { Settings } from '../config/load.ts';
import type { Signer } from '../core/chain.ts';
import { messageOf } from '../core/errors.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Where the hotkey comes from; exactly one place, so that nobody signs with another key than they think. */
export type HotkeyPlace = 'dev_seed' | 'secret' | 'signer' | 'wallet';

export function hotkeyPlace({ values }: Settings): HotkeyPlace {
  const named = [
    ...(values['wallet.dev_seed'] === null ? [] : (['dev_seed'] as const)),
    ...(values['wallet.secret'] === null ? [] : (['secret'] as const)),
    ...(values['wallet.signer_url'] === null ? [] : (['signer'] as const)),
  ];
  if (named.length > 1) {
    const names = named.map((place) => `wallet.${place === 'signer' ? 'signer_url' : place}`);
    throw new UsageError(`the hotkey is named more than once (${names.join(', ')}): leave one`, { names });
  }
  return named[0] ?? 'wallet';
}

/** The hotkey that the settings name: a development seed, a secret in the environment, a signer process, or the wallet folder. */
export async function hotkeyOf(settings: Settings, terminal?: Terminal): Promise<Signer> {
  const { values } = settings;
  const { 'wallet.dev_seed': seed, 'wallet.secret': secret, 'wallet.signer_url': url } = values;
  hotkeyPlace(settings);
  if (seed !== null) return await openDevelopmentKey({ uri: seed.reveal(), development: values['dev.enabled'] });
  if (secret !== null) return await openEnvironmentKey(secret.reveal());
  if (url !== null) return await connectSigner(url);
  return (await openWallet(walletLocation(settings), passwordFrom(settings, terminal))).hotkey;
}

/** The hotkey's address; nothing is opened where the key file tells it. */
export async function hotkeyAddressOf(settings: Settings, terminal?: Terminal): Promise<string> {
  const known = hotkeyPlace(settings) === 'wallet' ? (await addressesOf(walletLocation(settings))).hotkey : null;
  return known ?? (await hotkeyOf(settings, terminal)).address;
}

/** The wallet's coldkey, which pays. On development networks the development seed pays for itself. */
export async function coldkeyOf(settings: Settings, terminal?: Terminal): Promise<Signer> {
  if (hotkeyPlace(settings) === 'dev_seed') return await hotkeyOf(settings);
  return await openColdkey(walletLocation(settings), passwordFrom(settings, terminal));
}

/** The coldkey's address; nothing is opened where the wallet has its public file. */
export async function coldkeyAddressOf(settings: Settings, terminal?: Terminal): Promise<string> {
  if (hotkeyPlace(settings) === 'dev_seed') return (await hotkeyOf(settings)).address;
  const known = (await addressesOf(walletLocation(settings))).coldkey;
  return known ?? (await coldkeyOf(settings, terminal)).address;
}

export function walletLocation({ values }: Settings): WalletLocation {
  return { path: values['wallet.path'], name: values['wallet.name'], hotkey: values['wallet.hotkey'] };
}

/** The password of encrypted keys: from the settings, else from the person at the terminal. */
export function passwordFrom({ values }: Settings, terminal?: Terminal): AskPassword {
  return async (path) => {
    const { 'wallet.password': password, 'wallet.password_file': file } = values;
    if (password !== null) return password.reveal();
    if (file !== null) return await firstLine(file);
    return (await terminal?.ask(`Password of ${path}: `, { hidden: true })) ?? null;
  };
}

async function firstLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`wallet.password_file can't be read: ${messageOf(error)}`, { file });
  });
  return text.split(/\r?\n/, 1)[0] ?? '';
}
