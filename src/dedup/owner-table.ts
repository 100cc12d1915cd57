import type { Cluster, Redis } from 'ioredis';
import { loadScript } from '../redis/scripts.ts';
import { PLACE_BYTES } from './place.ts';
import type { Claimant, Withdrawn } from './ownership.ts';
import { inPartitions, PARTITIONS, partitionPrefix } from './partitions.ts';

/** All that is known of one key. */
export interface KeyClaims {
  claimants: Claimant[];
  /** Claims to this very key that do not hold; whole claims are withdrawn elsewhere. */
  withdrawn: Withdrawn[];
}

/** Claims to keys of one kind, as they lie in Redis. */
export interface OwnerTable {
  /** Notes a claim by its place; gives for how many of the keys it is the smallest so far. */
  claim(place: Buffer, keys: readonly Buffer[], versions: readonly (Buffer | null)[] | null): Promise<number>;
  withdraw(place: Buffer, keys: readonly Buffer[], withdrawnAt: number): Promise<void>;
  read(keys: readonly Buffer[]): Promise<KeyClaims[]>;
}

/** Bytes that tell versions of a page apart. A miner gains nothing by two that agree. */
const VERSION_BYTES = 4;
const ENTRY_BYTES = PLACE_BYTES + VERSION_BYTES;
const NO_VERSION = '00000000';

const claimKeys = loadScript(new URL('./commands/claim-keys.lua', import.meta.url));
const withdrawKeys = loadScript(new URL('./commands/withdraw-keys.lua', import.meta.url));
const readClaims = loadScript(new URL('./commands/read-claims.lua', import.meta.url), { binary: true });

export function createOwnerTable(redis: Redis | Cluster, hotkey: string, kind: string): OwnerTable {
  const prefixes = Array.from({ length: PARTITIONS }, (_, partition) => partitionPrefix(hotkey, kind, partition));
  const prefixOf = (partition: number): string => prefixes[partition] as string;
  return {
    async claim(place, keys, versions) {
      let first = 0;
      for (const calls of inPartitions(keys)) {
        const counts = calls.map(({ partition, fields, indexes }) => {
          const told = versions === null ? '' : versionsOf(versions, indexes);
          return claimKeys(redis, [prefixOf(partition)], [place, fields, told]);
        });
        for (const count of await Promise.all(counts)) first += Number(count);
      }
      return first;
    },
    async withdraw(place, keys, withdrawnAt) {
      const time = Buffer.alloc(VERSION_BYTES);
      time.writeUInt32BE(withdrawnAt);
      for (const calls of inPartitions(keys)) {
        await Promise.all(
          calls.map(({ partition, fields }) => withdrawKeys(redis, [prefixOf(partition)], [place, time, fields])),
        );
      }
    },
    async read(keys) {
      const claims = keys.map((): KeyClaims => ({ claimants: [], withdrawn: [] }));
      for (const calls of inPartitions(keys)) {
        const replies = await Promise.all(
          calls.map(({ partition, fields }) => readClaims(redis, [prefixOf(partition)], [fields])),
        );
        replies.forEach((reply, at) => {
          const [first, more] = reply as [(Buffer | null)[], (Buffer | number)[]];
          const { indexes } = calls[at]!;
          const of = (number: number): KeyClaims => claims[indexes[number]!]!;
          first.forEach((entry, number) => entry !== null && of(number).claimants.push(readClaimant(entry)));
          for (let next = 0; next < more.length; next += 3) {
            const { claimants, withdrawn } = of(Number(more[next]));
            claimants.push(...readClaimants(more[next + 1] as Buffer));
            withdrawn.push(...readWithdrawn(more[next + 2] as Buffer));
          }
        });
      }
      return claims;
    },
  };
}

/** A claim as it lies with its key: its place, and the version where there is one. */
export function readClaimant(entry: Buffer): Claimant {
  const version = entry.toString('hex', PLACE_BYTES, ENTRY_BYTES);
  const place = entry.readUIntBE(0, PLACE_BYTES);
  return { place, version: version === '' || version === NO_VERSION ? null : version };
}

/** The claims beside the smallest one. */
export function readClaimants(entries: Buffer): Claimant[] {
  return inEntries(entries).map(readClaimant);
}

export function readWithdrawn(entries: Buffer): Withdrawn[] {
  return inEntries(entries).map((entry) => ({
    place: entry.readUIntBE(0, PLACE_BYTES),
    withdrawnAt: entry.readUInt32BE(PLACE_BYTES),
  }));
}

function inEntries(entries: Buffer): Buffer[] {
  return Array.from({ length: entries.length / ENTRY_BYTES }, (_, at) =>
    entries.subarray(at * ENTRY_BYTES, (at + 1) * ENTRY_BYTES),
  );
}

function versionsOf(versions: readonly (Buffer | null)[], indexes: readonly number[]): Buffer {
  const told = Buffer.alloc(indexes.length * VERSION_BYTES);
  indexes.forEach((index, at) => versions[index]?.copy(told, at * VERSION_BYTES, 0, VERSION_BYTES));
  return told;
}
