import { checkDefaults, kindDefaults } from './kind-defaults.ts';
import { IMAGE_KINDS, TASK_KINDS } from './task.ts';
import type { TaskKind } from './task.ts';

/** A task as it is written: what it leaves out comes from the preset's task of that name and from its kind. */
export type TaskEntry = Readonly<Record<string, unknown>>;

/** The entry with everything it leaves out, not yet checked. @param preset the task that it changes, if it changes one */
export function mergedEntry(raw: TaskEntry, preset: TaskEntry | null): TaskEntry {
  const entry = opened(raw);
  const written = preset === null ? entry : merged(preset, entry);
  // Of a kind that there is not, the defaults of any: only the kind is reported then.
  const kind = isKind(written['kind']) ? written['kind'] : 'chat';
  const whole = merged(defaultsOf(kind, written['model'] === null), written);
  const check = whole['check'];
  return isTable(check) ? { ...whole, check: checkOf(entry, preset, check) } : whole;
}

/** TOML has no null: there an open category is `open = true`. */
function opened(entry: TaskEntry): TaskEntry {
  if (entry['open'] !== true || entry['model'] !== undefined) return entry;
  return { ...Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'open')), model: null };
}

function defaultsOf(kind: TaskKind, isOpen: boolean): TaskEntry {
  const defaults = kindDefaults(kind);
  return isOpen && IMAGE_KINDS.includes(kind) ? { ...defaults, check: { method: 'open-image' } } : defaults;
}

/** Thresholds of another method than the preset's don't come along. */
function checkOf(entry: TaskEntry, preset: TaskEntry | null, check: TaskEntry): TaskEntry {
  const [own, before] = [entry['check'], preset?.['check']];
  const isOther = isTable(own) && isTable(before) && own['method'] !== undefined && own['method'] !== before['method'];
  return { ...checkDefaults(check['method']), ...(isOther ? own : check) };
}

/** Members of `above` over those of `below`; tables are merged member by member. */
function merged(below: TaskEntry, above: TaskEntry): TaskEntry {
  const tables = Object.entries(above).map(([key, value]) => {
    const base = below[key];
    return [key, isTable(value) && isTable(base) ? { ...base, ...value } : value] as const;
  });
  return { ...below, ...Object.fromEntries(tables) };
}

function isTable(value: unknown): value is TaskEntry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKind(value: unknown): value is TaskKind {
  return (TASK_KINDS as readonly unknown[]).includes(value);
}
