import { existsSync, readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { messageOf } from '../core/errors.ts';
import { SettingsInvalid, type SettingProblem } from './errors.ts';

/** A raw value and the dotted name it was found under. */
export type RawEntry = [name: string, raw: unknown];

/** The entries of a TOML file by dotted name; none where `path` does not exist and need not. */
export function readSettingsFile(path: string, mustExist: boolean): RawEntry[] {
  if (!mustExist && !existsSync(path)) return [];
  try {
    return flatten(parse(readFileSync(path, 'utf8')), '');
  } catch (error) {
    throw new SettingsInvalid([fileProblem(path, error)]);
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
