import type { Settings } from './load.ts';
import { writtenItem } from './parsers.ts';
import { Secret } from './secret.ts';
import { SETTING_NAMES, settingOf } from './table.ts';

/**
 * The environment with the settings that a person chose in the file or by flags added under their environment names, for parts
 * that are started by environment. Holds secrets: hand it to a process, never to a log.
 */
export function environmentOf(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const chosen = SETTING_NAMES.filter((name) => ['flag', 'file'].includes(settings.origins[name]));
  const entries = chosen.map((name) => [settingOf(name).env, plain(settings.values[name])] as const);
  return { ...env, ...Object.fromEntries(entries) };
}

function plain(value: unknown): string | undefined {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(writtenItem).join(',');
  return typeof value === 'string' ? value : value === null ? undefined : JSON.stringify(value);
}
