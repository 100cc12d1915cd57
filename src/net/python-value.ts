import { InvalidInputError } from '../core/errors.ts';

/*
 * What Python reads of a JSON text. The engine's own parser makes one number of Python's 1 and 1.0, rounds integers beyond 2^53 and
 * moves number-like keys to the front: each changes `str(value)`, which a Synapse's body hash is made of.
 */

/** `bigint` is Python's int, `number` its float, `Map` its dict in the order of its keys. */
export type PythonValue =
  null | boolean | bigint | number | string | readonly PythonValue[] | ReadonlyMap<string, PythonValue>;

/** Far deeper than a synapse nests, and far from the end of the stack. */
const MOST_LEVELS = 100;
/** Python reads no longer integer either (`sys.set_int_max_str_digits`); longer ones cost quadratic time. */
const MOST_DIGITS = 4300;

const TOKEN_START = /["\-0-9]/g;
const NUMBER = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

/** Whether a value is a dict. */
export function isDict(value: PythonValue | undefined): value is ReadonlyMap<string, PythonValue> {
  return value instanceof Map;
}

/** Reads strict JSON: NaN and Infinity, which Python writes too, are refused. Throws InvalidInputError. */
export function parsePython(json: string): PythonValue {
  try {
    JSON.parse(json);
  } catch {
    throw new InvalidInputError('the body is not JSON; send a JSON object (without NaN or Infinity)');
  }
  return untagged(JSON.parse(tagged(json)), 0);
}

/** The JSON of a value, with integers whole and floats that stay floats. Throws InvalidInputError for what JSON cannot say. */
export function pythonJson(value: PythonValue): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new InvalidInputError(`${value} has no JSON; send a finite number`);
    return pythonFloat(value);
  }
  if (isDict(value)) {
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${pythonJson(item)}`).join(',')}}`;
  }
  return `[${value.map(pythonJson).join(',')}]`;
}

/** Python's `repr` of a float: the shortest digits that round-trip, with an exponent below 1e-4 and from 1e16. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '', power = ''] = Math.abs(value).toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** Valid JSON with each string and number made a string that begins with its kind: s, i or f. */
function tagged(json: string): string {
  const parts: string[] = [];
  let end = 0;
  TOKEN_START.lastIndex = 0;
  for (let token = TOKEN_START.exec(json); token !== null; token = TOKEN_START.exec(json)) {
    const start = token.index;
    parts.push(json.slice(end, start));
    if (token[0] === '"') {
      end = stringEnd(json, start);
      parts.push('"s', json.slice(start + 1, end));
    } else {
      NUMBER.lastIndex = start;
      const [text = '', fraction, power] = NUMBER.exec(json) ?? [];
      end = start + text.length;
      parts.push(fraction === undefined && power === undefined ? '"i' : '"f', text, '"');
    }
    TOKEN_START.lastIndex = end;
  }
  parts.push(json.slice(end));
  return parts.join('');
}

/** Where the string that opens at `start` is over. A quote is escaped after an odd number of backslashes. */
function stringEnd(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); ; quote = json.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (json[quote - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
}

function untagged(value: unknown, level: number): PythonValue {
  if (level > MOST_LEVELS) throw new InvalidInputError(`the body nests deeper than ${MOST_LEVELS} levels; flatten it`);
  if (typeof value === 'string') return untaggedText(value);
  if (Array.isArray(value)) return value.map((item) => untagged(item, level + 1));
  if (typeof value !== 'object' || value === null) return value as boolean | null;
  return new Map(Object.entries(value).map(([key, item]) => [key.slice(1), untagged(item, level + 1)]));
}

function untaggedText(tag: string): PythonValue {
  const text = tag.slice(1);
  if (tag.startsWith('s')) return text;
  if (tag.startsWith('f')) return Number(text);
  if (text.length > MOST_DIGITS) {
    throw new InvalidInputError(`an integer has ${text.length} characters, over ${MOST_DIGITS}; send it as text`);
  }
  return BigInt(text);
}
