import { parse, TomlDate, TomlError } from 'smol-toml';
import type { JobProblem } from './errors.ts';

/** What TOML text holds, or what is wrong with it. */
export function readToml(text: string): { value: unknown } | { problems: JobProblem[] } {
  try {
    return { value: withoutDates(parse(text)) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const place = `line ${error.line}, column ${error.column}`;
    return { problems: [{ place, why: error.message.split('\n')[0] ?? 'not TOML' }] };
  }
}

/** TOML has dates of its own; here they are the text that YAML and JSON have. */
function withoutDates(value: unknown): unknown {
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutDates(item)]));
}
