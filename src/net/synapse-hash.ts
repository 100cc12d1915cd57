import { createHash } from 'node:crypto';
import { InvalidInputError } from '../core/errors.ts';
import { pythonStr } from './python-str.ts';
import type { PythonValue } from './python-value.ts';

const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Body hash of a Synapse, 64 lower-case hex characters: SHA3-256 over the joined SHA3-256 hex of each hashed field's
 * Python `str(value)`, in the order of `hashFields`. Throws InvalidInputError for a field that is not there.
 */
export function synapseBodyHash(fields: ReadonlyMap<string, PythonValue>, hashFields: readonly string[]): string {
  return sha3Hex(hashFields.map((name) => sha3Hex(textOf(fields, name))).join(''));
}

function textOf(fields: ReadonlyMap<string, PythonValue>, name: string): string {
  const value = fields.get(name);
  if (value === undefined)
    throw new InvalidInputError(`the body has no ${name}, which its hash covers`, { field: name });
  const text = pythonStr(value);
  if (LONE_SURROGATE.test(text)) throw new InvalidInputError(`${name} holds half a character; send valid Unicode`);
  return text;
}

function sha3Hex(text: string): string {
  return createHash('sha3-256').update(text).digest('hex');
}
