import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Claim } from '../core/claim.ts';
import { compareClaims } from '../core/claim.ts';
import { keyspace } from '../redis/keys.ts';
import { loadScript } from '../redis/scripts.ts';
import { BUCKETS, KEYS_PER_CALL, bucketName, bucketPrefix, inCalls } from './buckets.ts';
import { parseClaim, printClaim } from './claim-text.ts';

/** Who owns what, by one kind of key. */
export interface OwnerTable {
  /**
   * Claims keys: of all claims ever made for a key the smallest one owns it, in whatever order they were made. Idempotent.
   * `owned` counts the given keys that are the claim's when the call ends; a smaller claim may take them later.
   */
  claim(keys: readonly Buffer[], claim: Claim): Promise<{ owned: number }>;
  /** The owning claim of each key, null where no one claimed it. */
  ownersOf(keys: readonly Buffer[]): Promise<(Claim | null)[]>;
  /** Whether each key is this claim's. */
  owns(keys: readonly Buffer[], claim: Claim): Promise<boolean[]>;
}

/** A validator's index of owners (Redis role `index`: it can be rebuilt from chain and shards). */
export interface Owners {
  /** Over canonical ids: decides whether a row is included. */
  readonly record: OwnerTable;
  /** Over text skeletons: decides whether a row is paid. */
  readonly text: OwnerTable;
  /** Count and SHA-256 of all keys with their owners, the same on any two validators that know the same claims. */
  snapshotDigest(): Promise<{ keys: number; digest: string }>;
}

const claimKeys = loadScript(new URL('./commands/claim-keys.lua', import.meta.url));
const readKeys = loadScript(new URL('./commands/read-keys.lua', import.meta.url));

interface Parts {
  redis: Redis;
  prefix: string;
  /** Hash of claim -> number. */
  numbers: string;
  /** Hash of number -> claim. A key holds only the number: a claim's text is long, and few claims own many keys. */
  claims: string;
}

/** @param options.hotkey the validator's own address: its keys lie under it, apart from any other operator's */
export function createOwners(options: { redis: Redis; hotkey: string }): Owners {
  const key = keyspace(options.hotkey);
  const shared = { redis: options.redis, numbers: key('owners', 'numbers'), claims: key('owners', 'claims') };
  const record = { ...shared, prefix: bucketPrefix(options.hotkey, 'owners:record') };
  const text = { ...shared, prefix: bucketPrefix(options.hotkey, 'owners:text') };
  return {
    record: ownerTable(record),
    text: ownerTable(text),
    snapshotDigest: () => digestOf({ record, text }),
  };
}

function ownerTable(parts: Parts): OwnerTable {
  const ownersOf = async (keys: readonly Buffer[]): Promise<(Claim | null)[]> => {
    const found: number[] = [];
    for (const call of inCalls(keys)) found.push(...((await readKeys(parts.redis, [parts.prefix], call)) as number[]));
    const claims = await claimsByNumber(parts, found);
    return found.map((number) => claims.get(number) ?? null);
  };
  return {
    async claim(keys, claim) {
      const name = printClaim(claim);
      let owned = 0;
      for (const call of inCalls(keys)) {
        owned += Number(await claimKeys(parts.redis, [parts.prefix, parts.numbers, parts.claims], [name, ...call]));
      }
      return { owned };
    },
    ownersOf,
    async owns(keys, claim) {
      const owners = await ownersOf(keys);
      return owners.map((owner) => owner !== null && compareClaims(owner, claim) === 0);
    },
  };
}

async function claimsByNumber(parts: Parts, numbers: readonly number[]): Promise<Map<number, Claim>> {
  const distinct = [...new Set(numbers)].filter((number) => number !== 0);
  const claims = new Map<number, Claim>();
  if (distinct.length === 0) return claims;
  const texts = await parts.redis.hmget(parts.claims, ...distinct.map(String));
  distinct.forEach((number, index) => {
    const text = texts[index];
    if (text != null) claims.set(number, parseClaim(text));
  });
  return claims;
}

/** Buckets in order, the keys of each in order: memory stays at a few buckets, and the digest is one plain SHA-256. */
async function digestOf(kinds: Record<string, Parts>): Promise<{ keys: number; digest: string }> {
  const hash = createHash('sha256');
  let count = 0;
  for (const [kind, parts] of Object.entries(kinds)) {
    const names = new Map(Object.entries(await parts.redis.hgetall(parts.claims)));
    for (let first = 0; first < BUCKETS; first += KEYS_PER_CALL) {
      for (const [bucket, fields] of await readBuckets(parts, first)) {
        for (const [field, number] of fields.sort(([a], [b]) => Buffer.compare(a, b))) {
          const head = `${kind}:${bucket.toString(16).padStart(4, '0')}${field.toString('hex')}`;
          hash.update(`${head}:${names.get(number) ?? ''}\n`);
          count += 1;
        }
      }
    }
  }
  return { keys: count, digest: hash.digest('hex') };
}

async function readBuckets(parts: Parts, first: number): Promise<[number, [Buffer, string][]][]> {
  const numbers = Array.from({ length: Math.min(KEYS_PER_CALL, BUCKETS - first) }, (_, index) => first + index);
  const pipeline = parts.redis.pipeline();
  for (const bucket of numbers) pipeline.callBuffer('HGETALL', bucketName(parts.prefix, bucket));
  const replies = (await pipeline.exec()) ?? [];
  return numbers.map((bucket, index) => {
    const [error, reply] = replies[index] ?? [new Error('no reply from Redis'), null];
    if (error !== null) throw error;
    return [bucket, pairs(reply as Buffer[])];
  });
}

function pairs(flat: readonly Buffer[]): [Buffer, string][] {
  const result: [Buffer, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) result.push([flat[index]!, flat[index + 1]!.toString()]);
  return result;
}
