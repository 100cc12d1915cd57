import { addressesOf, listWallets, type ListedKey } from '../commit/keys/wallet.ts';
import type { Session } from './session.ts';
import type { Cell } from './table.ts';
import { formatTao } from './tao.ts';
import { UsageError } from './usage-error.ts';
import { chosenWallet, type WalletOptions } from './wallet-keys.ts';
import { hotkeyAddressOf, hotkeyPlace } from './wallet.ts';
import { withChain } from './with-chain.ts';

const PLACES = {
  dev_seed: 'development seed (wallet.dev_seed)',
  secret: 'environment (wallet.secret)',
  signer: 'signer process (wallet.signer_url)',
  wallet: 'wallet folder',
} as const;

export async function showWallet(session: Session, options: WalletOptions & { balance?: boolean }): Promise<void> {
  const { out, settings, context } = session;
  const location = chosenWallet(session, options);
  const isNamed = options.wallet !== undefined || options.hotkey !== undefined;
  const place = isNamed ? 'wallet' : hotkeyPlace(settings);
  const files = await addressesOf(location);
  const hotkey = isNamed ? files.hotkey : await hotkeyAddressOf(settings, context.terminal);
  const { coldkey } = files;
  if (hotkey === null && coldkey === null)
    throw new UsageError(`no wallet ${location.name} with hotkey ${location.hotkey} in ${location.path}`, {
      ...location,
    });
  const balance =
    options.balance === true && coldkey !== null ? await withChain(session, (chain) => chain.balance(coldkey)) : null;
  out.table({
    columns: ['', ''],
    rows: [
      ['wallet', location.name],
      ['coldkey', coldkey ?? '-'],
      ['hotkey', hotkey ?? 'encrypted'],
      ['hotkey from', PLACES[place]],
      ...(balance === null ? [] : [['balance', `${formatTao(balance)} TAO`]]),
    ],
  });
  out.json({
    wallet: location.name,
    coldkey,
    hotkey,
    hotkey_from: place,
    ...(balance === null ? {} : { balance_rao: balance.toString() }),
  });
}

export async function listWalletKeys({ out, settings }: Session): Promise<void> {
  const path = settings.values['wallet.path'];
  const wallets = await listWallets(path);
  out.table({
    title: path,
    columns: ['wallet', 'key', 'address', 'file'],
    rows: wallets.flatMap(({ name, coldkey, hotkeys }): Cell[][] => [
      ...(coldkey === null ? [] : [[name, 'coldkey', ...keyCells(coldkey)]]),
      ...hotkeys.map((key): Cell[] => [name, key.name, ...keyCells(key)]),
    ]),
  });
  if (wallets.length === 0) out.line('none');
  out.json({ path, wallets });
}

function keyCells({ address, protection }: ListedKey): Cell[] {
  return [address ?? { text: 'not told', tone: 'quiet' }, protection === 'none' ? 'not encrypted' : 'encrypted'];
}
