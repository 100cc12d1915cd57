import { stringify } from 'smol-toml';

export type OperatorRole = 'miner' | 'validator';

/** What `seine init` asks for. */
export interface OperatorSettings {
  netuid: number;
  /** null leaves it to the running local stack, or to the default. */
  endpoint: string | null;
  walletPath: string;
  wallet: string;
  hotkey: string;
}

/** The settings file of a new operator. */
export function settingsText(role: OperatorRole, settings: OperatorSettings): string {
  const { netuid, endpoint, walletPath, wallet, hotkey } = settings;
  const table = {
    netuid,
    ...(endpoint === null ? {} : { subtensor: { endpoint } }),
    wallet: { path: walletPath, name: wallet, hotkey },
  };
  return `# Settings of a Seine ${role}. "seine config show" lists all of them, with what they mean.\n\n${stringify(table)}`;
}

/** What a person does after `seine init`. */
export function nextSteps(role: OperatorRole, { netuid, wallet, hotkey }: OperatorSettings, address: string): string[] {
  const key = `--wallet.name ${wallet} --wallet.hotkey ${hotkey}`;
  return [
    `Register ${address} on subnet ${netuid} with your coldkey: btcli subnet register --netuid ${netuid} ${key}`,
    ...(role === 'validator'
      ? [`Stake on it, so that it gets a permit: btcli stake add --netuid ${netuid} ${key}`]
      : []),
    'Name the list of wanted jobs: wanted.file (SEINE_WANTED_FILE).',
    'See that every part is here: seine doctor',
    `See that the chain would take what it signs: seine ${role} --dry-run`,
    `Start it: seine ${role}`,
  ];
}
