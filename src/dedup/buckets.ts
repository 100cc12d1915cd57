import { keyspace } from '../redis/keys.ts';
import { InvalidInputError } from '../core/errors.ts';
import { KEY_BYTES } from './identities.ts';

/*
 * A miner's own keys of 16 bytes lie in 65,536 hashes, named by their first two bytes in hex, under the other fourteen. Redis keeps a hash of
 * up to 128 small fields as one list without pointers: about 22 bytes a key in place of about 100, up to 8 million keys.
 */

/** Keys that one script call carries: long enough to be fast, short enough not to hold up other clients. */
const KEYS_PER_CALL = 500;

/** The name that bucket numbers are put behind, `seine:{hotkey}:<part>:`. */
export function bucketPrefix(hotkey: string, part: string): string {
  return keyspace(hotkey)(part, '');
}

/** The keys in slices of 500, each refused unless it is 16 bytes. */
export function* inCalls(keys: readonly Buffer[]): Generator<Buffer[]> {
  for (const key of keys) {
    if (key.length !== KEY_BYTES) throw new InvalidInputError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  }
  for (let start = 0; start < keys.length; start += KEYS_PER_CALL) yield keys.slice(start, start + KEYS_PER_CALL);
}
