import { CONNECTIONS } from './connections.ts';
import { CRAWLING } from './crawling.ts';
import { INFERENCE } from './inference.ts';
import { MONITORING } from './monitoring.ts';
import { OPERATORS } from './operators.ts';
import { PARAMETERS } from './parameters.ts';
import { boolean, integer, path } from './parsers.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';
import { STORAGE } from './storage.ts';
import { WALLET } from './wallet.ts';

/** Every setting: its dotted name in the file, its name in the environment, its default and what it means. */
export const SETTINGS = {
  home: setting('SEINE_HOME', '.seine', path(), 'folder of settings, objects and local parts', { envOnly: true }),
  'runs.dir': setting('SEINE_RUNS_DIR', 'runs', path(), 'folder that "seine start" writes its runs to'),
  netuid: setting('SEINE_NETUID', 1, integer({ min: 0, max: 65_535 }), 'subnet'),
  ...CONNECTIONS,
  ...WALLET,
  ...MONITORING,
  ...CRAWLING,
  ...INFERENCE,
  ...OPERATORS,
  ...STORAGE,
  ...PARAMETERS,

  'dev.enabled': setting('SEINE_DEV', false, boolean(), 'development mode: allows wallet.dev_seed and dev.copier'),
  'dev.copier': setting(
    'SEINE_DEV_COPIER',
    false,
    boolean(),
    'the miner copies others and invents rows; for tests of the network',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SETTINGS;

/** Each setting's own type, by its dotted name. */
export type SettingValues = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** The table's row with its type widened, for code that treats all settings alike. */
export function settingOf(name: SettingName): Setting<unknown> {
  return SETTINGS[name];
}
