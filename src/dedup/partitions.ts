import { InvalidInputError } from '../core/errors.ts';
import { KEY_BYTES } from './identities.ts';

/** Bytes of a key that are kept: the first one names the partition. */
const FIELD_BYTES = KEY_BYTES - 1;

export const PARTITIONS = 256;

/** Keys that one script call carries: long enough to be fast, short enough not to hold up other clients. */
const KEYS_PER_CALL = 500;
/** Keys that are under way at once. */
const KEYS_AT_ONCE = 65_536;

/** Keys of one partition that go in one call. */
export interface PartitionCall {
  partition: number;
  /** The keys' last 15 bytes, one after another. */
  fields: Buffer;
  /** Where each key stood in the list. */
  indexes: number[];
}

/**
 * The name of a partition's keys, up to their last part. Each has a hash tag of its own: they spread over a Redis Cluster, and a
 * script stays within one.
 */
export function partitionPrefix(hotkey: string, kind: string, partition: number): string {
  return `seine:{${hotkey}/${partition.toString(16).padStart(2, '0')}}:owners:${kind}:`;
}

/** Calls that together carry all keys, in groups that may be under way at the same time. Throws where a key has not 16 bytes. */
export function* inPartitions(keys: readonly Buffer[]): Generator<PartitionCall[]> {
  for (const key of keys) {
    if (key.length !== KEY_BYTES) throw new InvalidInputError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  }
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    yield callsOf(keys, start, Math.min(start + KEYS_AT_ONCE, keys.length));
  }
}

function callsOf(keys: readonly Buffer[], start: number, end: number): PartitionCall[] {
  const partitions = new Map<number, number[]>();
  for (let index = start; index < end; index += 1) {
    const partition = (keys[index] as Buffer)[0] as number;
    const indexes = partitions.get(partition);
    if (indexes === undefined) partitions.set(partition, [index]);
    else indexes.push(index);
  }
  const calls: PartitionCall[] = [];
  for (const [partition, all] of partitions) {
    for (let at = 0; at < all.length; at += KEYS_PER_CALL) {
      const indexes = all.slice(at, at + KEYS_PER_CALL);
      const fields = Buffer.allocUnsafe(indexes.length * FIELD_BYTES);
      indexes.forEach((index, place) => fields.set((keys[index] as Buffer).subarray(1), place * FIELD_BYTES));
      calls.push({ partition, fields, indexes });
    }
  }
  return calls;
}
