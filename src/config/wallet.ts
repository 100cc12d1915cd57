import { optional, path, secret, signerUrl, text } from './parsers.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Rows of the settings table: keys: where they lie, or who holds them. */
export const WALLET = {
  'wallet.path': setting('SEINE_WALLET_PATH', '~/.bittensor/wallets', path(), 'folder of Bittensor wallets'),
  'wallet.name': setting('SEINE_WALLET_NAME', 'default', text(/^[\w.-]+$/, 'a folder name'), 'wallet (its coldkey)'),
  'wallet.hotkey': setting('SEINE_WALLET_HOTKEY', 'default', text(/^[\w.-]+$/, 'a file name'), 'hotkey of the wallet'),
  'wallet.dev_seed': setting(
    'SEINE_WALLET_DEV_SEED',
    null,
    secret(),
    'seed such as //Alice in place of a wallet; development only',
    {
      secret: true,
    },
  ),

  'wallet.secret': setting(
    'SEINE_WALLET_SECRET',
    null,
    secret(),
    'mnemonic or seed of the hotkey, in place of a wallet folder',
    { secret: true },
  ),
  'wallet.password': setting('SEINE_WALLET_PASSWORD', null, secret(), 'password of encrypted keys', { secret: true }),
  'wallet.password_file': setting(
    'SEINE_WALLET_PASSWORD_FILE',
    null,
    optional(path()),
    'file whose first line is the password of encrypted keys',
  ),
  'wallet.signer_url': setting(
    'SEINE_WALLET_SIGNER_URL',
    null,
    optional(signerUrl()),
    'signer process that holds the hotkey ("seine wallet serve"), in place of a wallet folder',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
