import type { Origin, Settings } from './load.ts';
import { writtenItem } from './parsers.ts';
import { SETTING_NAMES, settingOf } from './table.ts';

/** A setting as `seine config show` prints it; secrets and passwords within URLs are hidden. */
export interface DescribedSetting {
  name: string;
  env: string;
  value: string | number | boolean | null | readonly string[];
  origin: Origin;
  meaning: string;
}

export function describeSettings(settings: Settings): DescribedSetting[] {
  return SETTING_NAMES.map((name) => ({
    name,
    env: settingOf(name).env,
    value: shown(settings.values[name]),
    origin: settings.origins[name],
    meaning: settingOf(name).meaning,
  }));
}

function shown(value: unknown): DescribedSetting['value'] {
  if (Array.isArray(value)) return value.map((item: unknown) => String(shown(writtenItem(item))));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const text = typeof value === 'string' ? value : '[secret]';
  if (!text.includes('://') || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password === '' && url.username === '') return text;
  url.password = '';
  url.username = '';
  return url.toString().replace('://', '://[secret]@');
}
