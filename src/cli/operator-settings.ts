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
export function nextSteps(role: OperatorRole, { netuid, wallet }: OperatorSettings, address: string): string[] {
  return [
    `Have a coldkey in wallet ${wallet} that pays (seine wallet create coldkey), and TAO on it: seine wallet show --balance`,
    `Register ${address} on subnet ${netuid}: seine subnet register --dry-run, then without --dry-run`,
    ...(role === 'validator'
      ? ['Stake on it, so that it gets a permit: seine subnet stake add <tao>; seine subnet permits']
      : []),
    'Name the list of wanted jobs: wanted.file (SEINE_WANTED_FILE).',
    'See that every part is here: seine doctor',
    `See that the chain would take what it signs: seine ${role} --dry-run`,
    `Start it: seine ${role}`,
  ];
}
