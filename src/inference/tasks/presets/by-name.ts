import { apportion } from '../apportion.ts';
import type { TaskEntry } from '../merge-entry.ts';
import { NICHEIMAGE } from './nicheimage.ts';
import { VISION } from './vision.ts';

const PRESETS: Readonly<Record<string, readonly TaskEntry[]>> = { nicheimage: NICHEIMAGE, vision: VISION };

export const PRESET_NAMES: readonly string[] = Object.keys(PRESETS);

/** The tasks of a preset, their weights brought to a share of the whole; null where there is no such preset. */
export function presetEntries(name: string, sharePpm: number): readonly TaskEntry[] | null {
  const entries = Object.hasOwn(PRESETS, name) ? (PRESETS[name] ?? null) : null;
  if (entries === null) return null;
  const weights = apportion(
    entries.map((entry) => Number(entry['weight_ppm'])),
    sharePpm,
  );
  return entries.map((entry, index) => ({ ...entry, weight_ppm: weights[index] ?? 0 }));
}
