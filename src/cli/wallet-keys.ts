import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createKey, type WalletLocation } from '../commit/keys/wallet.ts';
import { messageOf } from '../core/errors.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';
import { passwordFrom, walletLocation } from './wallet.ts';

/** Which wallet, where it is not that of the settings. */
export interface WalletOptions {
  wallet?: string;
  hotkey?: string;
}

interface KeyOptions extends WalletOptions {
  encrypt?: boolean;
  backup?: string;
}

type Which = 'hotkey' | 'coldkey';

const LEAST_PASSWORD = 8;

/** The wallet that options and settings name. */
export function chosenWallet(session: Session, { wallet, hotkey }: WalletOptions): WalletLocation {
  const location = walletLocation(session.settings);
  return { ...location, name: wallet ?? location.name, hotkey: hotkey ?? location.hotkey };
}

export async function createWalletKey(session: Session, which: Which, options: KeyOptions): Promise<void> {
  const location = chosenWallet(session, options);
  const password = await newPassword(session, which, options);
  const made = await createKey({ location, which, password });
  const backup = options.backup === undefined ? null : resolve(session.context.cwd, options.backup);
  if (backup !== null && made.phrase !== null) await writeBackup(backup, made.phrase);
  report(session, which, made, { password, backup });
  if (backup !== null) session.out.line(`Mnemonic: ${backup}. Take it off this machine.`, 'warn');
  else session.out.line('Back this file up now: it is the only copy.', 'warn');
}

export async function importWalletKey(session: Session, which: Which, options: KeyOptions): Promise<void> {
  const location = chosenWallet(session, options);
  const { terminal } = session.context;
  const typed = (await terminal.ask('Mnemonic, or seed as 0x and hex: ', { hidden: true })) ?? (await terminal.piped());
  const secret = (typed ?? '').trim();
  if (secret === '') throw new UsageError('no mnemonic or seed: type it, or pipe it in');
  const password = await newPassword(session, which, options);
  report(session, which, await createKey({ location, which, secret, password }), { password, backup: null });
}

function report(
  { out }: Session,
  which: Which,
  { path, address }: { path: string; address: string },
  { password, backup }: { password: string | null; backup: string | null },
): void {
  out.line(`${which === 'hotkey' ? 'Hotkey ' : 'Coldkey'}: ${address}`);
  out.line(`File:    ${path} (${password === null ? 'not encrypted' : 'encrypted'})`);
  out.json({ key: which, address, file: path, encrypted: password !== null, backup });
}

/** Coldkeys are encrypted unless a person says otherwise; hotkeys sign unattended and are not. */
async function newPassword(session: Session, which: Which, { encrypt }: KeyOptions): Promise<string | null> {
  if (!(encrypt ?? which === 'coldkey')) return null;
  const { terminal } = session.context;
  const { values } = session.settings;
  const isSet = values['wallet.password'] !== null || values['wallet.password_file'] !== null;
  const password = await passwordFrom(session.settings, terminal)(`the new ${which}`);
  if (password === null)
    throw new UsageError(
      `the ${which} is to be encrypted: give a password by SEINE_WALLET_PASSWORD or wallet.password_file, or say --no-encrypt`,
    );
  if (password.length < LEAST_PASSWORD) throw new UsageError(`the password needs ${LEAST_PASSWORD} characters or more`);
  if (!isSet && (await terminal.ask('The same again: ', { hidden: true })) !== password)
    throw new UsageError('the two passwords differ: nothing was written');
  session.out.progress({ step: 'making the key of the password, which takes seconds on purpose' });
  return password;
}

async function writeBackup(file: string, phrase: string): Promise<void> {
  try {
    await writeFile(file, `${phrase}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new UsageError(`the key is written, but its mnemonic could not be: ${messageOf(error)}`, { file });
  }
}
