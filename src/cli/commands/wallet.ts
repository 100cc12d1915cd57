import { Argument, type Command } from 'commander';
import { textFor, wholeNumber } from '../arguments.ts';
import type { Act } from '../session.ts';
import { createWalletKey, importWalletKey } from '../wallet-keys.ts';
import { listWalletKeys, showWallet } from '../wallet-show.ts';
import { serveWallet, signMessage } from '../wallet-sign.ts';

export function addWalletCommands(program: Command, act: Act): void {
  const wallet = program
    .command('wallet')
    .helpCommand(false)
    .summary('keys')
    .description(
      "Keys, in the folders of Bittensor's own tools: <wallet.path>/<wallet>/coldkey and hotkeys/<hotkey>. Secrets are never printed.",
    );
  const which = (): Argument =>
    new Argument('[key]', 'which key').choices(['hotkey', 'coldkey']).default('hotkey', 'hotkey');
  const named = (command: Command): Command =>
    command
      .option('--wallet <name>', 'wallet (else wallet.name of the settings)', textFor('wallet.name'))
      .option('--hotkey <name>', 'hotkey (else wallet.hotkey of the settings)', textFor('wallet.hotkey'));
  named(wallet.command('create').description('make a key; one that is there is never overwritten'))
    .addArgument(which())
    .option('--encrypt', 'encrypt the file with a password (coldkeys: unless you say --no-encrypt)')
    .option('--no-encrypt', 'leave the file unencrypted')
    .option('--backup <file>', 'write the mnemonic into this new file too')
    .action(act(createWalletKey));
  named(wallet.command('import').description('write a key from its mnemonic or seed, typed unseen or piped in'))
    .addArgument(which())
    .option('--encrypt', 'encrypt the file with a password (coldkeys: unless you say --no-encrypt)')
    .option('--no-encrypt', 'leave the file unencrypted')
    .action(act(importWalletKey));
  named(wallet.command('show').description('addresses, and where the hotkey comes from'))
    .option('--balance', 'also what the coldkey has, from the chain')
    .action(act(showWallet));
  wallet.command('list').description('all wallets of wallet.path').action(act(listWalletKeys));
  named(wallet.command('sign').description('sign a message with the hotkey'))
    .argument('<message>', 'text, or 0x and hex')
    .option('--dry-run', 'say what would be signed; sign nothing')
    .action(act(signMessage));
  named(
    wallet
      .command('serve')
      .summary('sign for workers that hold no key')
      .description(
        'Sign for processes of this machine until Ctrl-C: give them wallet.signer_url, and they need no key. ' +
          'Who may open the socket may have anything signed.',
      ),
  )
    .option('--socket <file>', 'Unix socket (else signer.sock in the home folder)')
    .option('--group', "let the socket's group sign too, not its owner alone")
    .option(
      '--port <n>',
      'a port of 127.0.0.1 instead, which every user of this machine can reach',
      wholeNumber(0, 65_535),
    )
    .action(act(serveWallet));
}
