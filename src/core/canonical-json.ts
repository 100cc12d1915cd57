import { InvalidInputError } from './errors.ts';

/** What canonical JSON can hold here: no floats, no undefined. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Far beyond any of Seine's formats, far within every engine's stack. */
const MAX_DEPTH = 64;

/**
 * RFC 8785 JSON of a value: keys sorted by UTF-16 code units, no white space. Narrower than the RFC on purpose:
 * numbers are integers within ±(2^53-1), strings hold no lone surrogate. Anything else throws InvalidInputError,
 * naming where it stands.
 */
export function canonicalJson(value: unknown, path = '$', depth = 0): string {
  if (depth > MAX_DEPTH) throw new InvalidInputError(`${path.slice(0, 80)}…: nested more than ${MAX_DEPTH} deep`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new InvalidInputError(`${path}: ${value} is not a safe integer`, { path });
    return Object.is(value, -0) ? '0' : String(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new InvalidInputError(`${path}: a string with a lone surrogate`, { path });
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => canonicalJson(item, `${path}[${index}]`, depth + 1)).join(',')}]`;
  }
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => `${canonicalJson(key, path)}:${canonicalJson(item, `${path}.${key}`, depth + 1)}`);
    return `{${members.join(',')}}`;
  }
  throw new InvalidInputError(`${path}: ${typeof value} has no canonical JSON`, { path });
}

/**
 * Parses text that must be canonical JSON already, so that no two readers can see different values in it
 * (duplicate keys, white space, other spellings of a number).
 */
export function parseCanonicalJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new InvalidInputError(`not JSON: ${String(cause)}`);
  }
  if (canonicalJson(value) !== text) throw new InvalidInputError('the JSON is not in canonical form (RFC 8785)');
  return value;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
