import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { startSignerServer } from '../commit/keys/signer-server.ts';
import { openWallet } from '../commit/keys/wallet.ts';
import type { Signer } from '../core/chain.ts';
import type { Session } from './session.ts';
import { chosenWallet, type WalletOptions } from './wallet-keys.ts';
import { hotkeyAddressOf, hotkeyOf, passwordFrom } from './wallet.ts';

/** Signs the message's very bytes, as the Python wallet's `keypair.sign` does. */
export async function signMessage(
  session: Session,
  message: string,
  options: WalletOptions & { dryRun?: boolean },
): Promise<void> {
  const { out } = session;
  const bytes = /^0x(?:[0-9a-f]{2})+$/i.test(message) ? Buffer.from(message.slice(2), 'hex') : Buffer.from(message);
  const payload = `0x${bytes.toString('hex')}`;
  if (options.dryRun === true) {
    const address = isNamed(options) ? (await signerOf(session, options)).address : await addressOf(session);
    out.line(`${address} would sign ${bytes.length} bytes: ${payload}`);
    out.line('Nothing was signed.', 'quiet');
    out.json({ address, payload, signature: null });
    return;
  }
  const signer = await signerOf(session, options);
  const signature = `0x${Buffer.from(await signer.sign(bytes)).toString('hex')}`;
  out.line(signature);
  out.json({ address: signer.address, payload, signature });
}

interface ServeOptions extends WalletOptions {
  socket?: string;
  group?: boolean;
  port?: number;
}

export async function serveWallet(session: Session, options: ServeOptions): Promise<void> {
  const { context, out, settings } = session;
  const signer = await signerOf(session, options);
  const socketPath =
    options.socket === undefined ? join(settings.values.home, 'signer.sock') : resolve(context.cwd, options.socket);
  if (options.port === undefined) mkdirSync(dirname(socketPath), { recursive: true });
  const interrupted = context.interrupt();
  const server = await startSignerServer({
    signer,
    listen: options.port === undefined ? { socketPath, groupMaySign: options.group === true } : { port: options.port },
    log: (line) => out.line(`${new Date().toISOString()} ${line}`),
  });
  out.line(`Signing for ${signer.address} at ${server.url} until Ctrl-C: wallet.signer_url (SEINE_WALLET_SIGNER_URL).`);
  await new Promise<void>((done) => {
    if (interrupted.aborted) done();
    interrupted.addEventListener('abort', () => done(), { once: true });
  });
  await server.close();
  out.json({ address: signer.address, url: server.url });
}

async function signerOf(session: Session, options: WalletOptions): Promise<Signer> {
  const { settings, context } = session;
  if (!isNamed(options)) return await hotkeyOf(settings, context.terminal);
  return (await openWallet(chosenWallet(session, options), passwordFrom(settings, context.terminal))).hotkey;
}

function isNamed({ wallet, hotkey }: WalletOptions): boolean {
  return wallet !== undefined || hotkey !== undefined;
}

async function addressOf({ settings, context }: Session): Promise<string> {
  return await hotkeyAddressOf(settings, context.terminal);
}
