import type { z } from 'zod';
import type { JobProblem } from '../config/job-file/errors.ts';
import { readToml } from '../config/job-file/read-toml.ts';
import { messageOf } from '../core/errors.ts';

/** Larger than any file of a thousand entries that a person writes. */
export const MAX_FILE_BYTES = 1024 * 1024;

/** What a file's text holds, TOML or JSON by its ending, or what is wrong with it. */
export function readFileText(text: string, file: string): { value: unknown } | { problems: JobProblem[] } {
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_FILE_BYTES) {
    return { problems: [{ place: 'size', why: `${sizeBytes} bytes, at most ${MAX_FILE_BYTES} are read` }] };
  }
  if (file.endsWith('.toml')) return readToml(text);
  if (file.endsWith('.json')) return readJson(text);
  return { problems: [{ place: 'name', why: 'should end with .toml or .json' }] };
}

/** What a schema found, in a person's words. @param above the place of the value that was checked, empty for the whole file */
export function problemOf(issue: z.core.$ZodIssue, above: string): JobProblem {
  const place = issue.path.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return path === '' ? String(key) : `${path}.${String(key)}`;
  }, above);
  return { place: place === '' ? 'file' : place, why: issue.message };
}

function readJson(text: string): { value: unknown } | { problems: JobProblem[] } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problems: [{ place: 'file', why: messageOf(error) }] };
  }
}
