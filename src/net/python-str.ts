import { isDict, pythonFloat } from './python-value.ts';
import type { PythonValue } from './python-value.ts';

/** What `repr` escapes: Unicode's other and separator characters without the space, and the backslash. */
const ESCAPED = /[\p{C}\p{Z}\\]/gu;
const NAMED: Readonly<Record<string, string>> = { ' ': ' ', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Python's `str(value)`: text as it is, text within a list or dict quoted. A character that one side's Unicode tables do not
 * know yet may be quoted differently there.
 */
export function pythonStr(value: PythonValue): string {
  return typeof value === 'string' ? value : repr(value);
}

function repr(value: PythonValue): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return pythonFloat(value);
  if (typeof value === 'string') return quoted(value);
  if (isDict(value)) {
    return `{${[...value].map(([key, item]) => `${quoted(key)}: ${repr(item)}`).join(', ')}}`;
  }
  return `[${value.map(repr).join(', ')}]`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(ESCAPED, (character) => NAMED[character] ?? escape(character));
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

function escape(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
