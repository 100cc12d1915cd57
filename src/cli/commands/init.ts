import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createWallet, openWallet } from '../../commit/keys/wallet.ts';
import { textFor, wholeNumber } from '../arguments.ts';
import { nextSteps, settingsText, type OperatorRole, type OperatorSettings } from '../operator-settings.ts';
import type { Act, Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface InitOptions {
  wallet?: string;
  hotkey?: string;
  netuid?: number;
  endpoint?: string;
  force?: boolean;
  dryRun?: boolean;
}

export function addInitCommands(program: Command, act: Act): void {
  const init = program
    .command('init')
    .helpCommand(false)
    .summary('write settings and a hotkey')
    .description(
      'Write the settings of a miner or validator, and a hotkey where there is none. Keys are never overwritten.',
    );
  for (const role of ['miner', 'validator'] as const) {
    init
      .command(role)
      .description(`settings and hotkey of a ${role}`)
      .option('--wallet <name>', 'wallet; its folder lies in wallet.path', textFor('wallet.name'))
      .option('--hotkey <name>', 'hotkey of the wallet', textFor('wallet.hotkey'))
      .option('--netuid <n>', 'subnet', wholeNumber(0, 65_535))
      .option('--endpoint <url>', 'the chain: a URL, or finney, test, archive, local', textFor('subtensor.endpoint'))
      .option('--force', 'replace settings that are there')
      .option('--dry-run', 'say what would be written; write nothing')
      .action(act((session, options: InitOptions) => initOperator(session, role, options)));
  }
}

async function initOperator(session: Session, role: OperatorRole, options: InitOptions): Promise<void> {
  const { settings, out } = session;
  const { home } = settings.values;
  const file = join(home, 'seine.toml');
  const wanted = chosen(session, options);
  const text = settingsText(role, wanted);
  const dry = options.dryRun === true;
  if (!dry && existsSync(file) && options.force !== true)
    throw new UsageError(`${file} is there already: --force replaces it, --home takes another folder`, { file });

  const location = { path: wanted.walletPath, name: wanted.wallet, hotkey: wanted.hotkey };
  const keyFile = join(location.path, location.name, 'hotkeys', location.hotkey);
  const isNewKey = !existsSync(keyFile);
  if (dry) {
    out.line(`Would write ${file}:\n\n${text}`);
    out.line(isNewKey ? `Would make a hotkey: ${keyFile}` : `Would use the hotkey ${keyFile}`);
    out.json({ file, text, key_file: keyFile, new_key: isNewKey, written: false });
    return;
  }
  const address = isNewKey ? (await createWallet(location)).address : (await openWallet(location)).hotkey.address;
  mkdirSync(home, { recursive: true });
  writeFileSync(file, text);
  out.line(`Settings: ${file}`);
  out.line(`Hotkey:   ${address} (${isNewKey ? 'new' : 'as it was'}: ${keyFile})`);
  if (isNewKey) out.line('Back this file up now: it is the only copy, and it is not encrypted.', 'warn');
  out.line();
  out.line('Next:', 'strong');
  const steps = nextSteps(role, wanted, address);
  for (const [index, step] of steps.entries()) out.line(`  ${index + 1}. ${step}`);
  out.json({ file, key_file: keyFile, new_key: isNewKey, hotkey: address, written: true, next: steps });
}

/** Options first, then what the settings say; an endpoint of a running local stack is found by itself and not written. */
function chosen({ settings }: Session, options: InitOptions): OperatorSettings {
  const { values, origins } = settings;
  const isOwnEndpoint = ['flag', 'env', 'file'].includes(origins['subtensor.endpoint']);
  return {
    netuid: options.netuid ?? values.netuid,
    endpoint: options.endpoint ?? (isOwnEndpoint ? values['subtensor.endpoint'].join(',') : null),
    walletPath: values['wallet.path'],
    wallet: options.wallet ?? values['wallet.name'],
    hotkey: options.hotkey ?? values['wallet.hotkey'],
  };
}
