import { existsSync, readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { messageOf } from '../core/errors.ts';
import type { SettingProblem } from './errors.ts';

/** A raw value and the dotted name it was found under. */
export type RawEntry = [name: string, raw: unknown];

/** The entries of a TOML file by dotted name, or why there are none; a file that is not there is a problem only where it must be. */
export function readSettingsFile(
  path: string,
  mustExist: boolean,
): { entries: RawEntry[]; problems: SettingProblem[] } {
  if (!mustExist && !existsSync(path)) return { entries: [], problems: [] };
  try {
    return { entries: flatten(parse(readFileSync(path, 'utf8')), ''), problems: [] };
  } catch (error) {
    return { entries: [], problems: [fileProblem(path, error)] };
  }
}

function flatten(table: Record<string, unknown>, prefix: string): RawEntry[] {
  return Object.entries(table).flatMap(([key, value]) =>
    isTable(value) ? flatten(value, `${prefix}${key}.`) : [[prefix + key, value] satisfies RawEntry],
  );
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A TOML error's own message shows the line, which may hold a secret: only its first line and place are kept. */
function fileProblem(path: string, error: unknown): SettingProblem {
  if (error instanceof TomlError) {
    const reason = error.message.split('\n')[0] ?? 'not TOML';
    return { key: path, place: `line ${error.line}, column ${error.column}`, why: reason };
  }
  return { key: path, place: 'settings file', why: `cannot be read: ${messageOf(error)}` };
}
