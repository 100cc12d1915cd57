import type { Cluster, Redis } from 'ioredis';
import { keyspace } from '../redis/keys.ts';
import { OWNER_KINDS } from './owners.ts';
import { PARTITIONS, partitionPrefix } from './partitions.ts';

/** How much an index of owners holds. */
export interface OwnersSize {
  /** Keys of each kind that someone has claimed, and the small hashes they lie in. */
  kinds: Record<(typeof OWNER_KINDS)[number], { keys: number; buckets: number }>;
  /** Commitments that have claimed any. */
  claims: number;
  /** Of them those whose whole claim is withdrawn. */
  withdrawn: number;
}

export async function sizeOfOwners(redis: Redis | Cluster, hotkey: string): Promise<OwnersSize> {
  const key = keyspace(hotkey);
  const kinds = {} as OwnersSize['kinds'];
  for (const kind of OWNER_KINDS) {
    const all = await Promise.all(sizeNames(hotkey, kind).map((name) => redis.hmget(name, 'keys', 'buckets')));
    const sum = (part: number): number => all.reduce((total, counts) => total + Number(counts[part] ?? 0), 0);
    kinds[kind] = { keys: sum(0), buckets: sum(1) };
  }
  return {
    kinds,
    claims: await redis.hlen(key('owners', 'claims')),
    withdrawn: await redis.zcard(key('owners', 'withdrawn')),
  };
}

/** Removes an index of owners. What is claimed meanwhile may stay. */
export async function clearOwners(redis: Redis | Cluster, hotkey: string): Promise<void> {
  const key = keyspace(hotkey);
  for (const kind of OWNER_KINDS) {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const prefix = partitionPrefix(hotkey, kind, partition);
      // Withdrawals may have come before any key.
      const buckets = Number((await redis.hget(`${prefix}size`, 'buckets')) ?? 1);
      for (let bucket = 0; bucket < buckets; bucket += 1) {
        await redis.unlink(...['own', 'also', 'gone'].map((part) => `${prefix}${part}:${bucket}`));
      }
      await redis.unlink(`${prefix}size`);
    }
  }
  await redis.unlink(key('owners', 'claims'), key('owners', 'withdrawn'));
}

function sizeNames(hotkey: string, kind: string): string[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => `${partitionPrefix(hotkey, kind, partition)}size`);
}
