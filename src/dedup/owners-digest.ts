import { createHash } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import type { KeyClaims } from './owner-table.ts';
import { readClaimant, readClaimants, readWithdrawn } from './owner-table.ts';
import { PARTITIONS, partitionPrefix } from './partitions.ts';

export interface OwnersDigest {
  /** Keys that someone owns. */
  keys: number;
  /** SHA-256, hex. */
  digest: string;
}

/** Hashes that are read at the same time. */
const AT_ONCE = 64;

/**
 * One SHA-256 over lines `kind:key:owners`, kinds as given, keys in order. How keys lie in Redis does not enter it. Memory stays at one of the
 * 256 partitions.
 * @param print the owners of a key as text; the empty text where it has none, which leaves it out
 */
export async function digestOfOwners(
  redis: Redis | Cluster,
  hotkey: string,
  kinds: readonly string[],
  print: (claims: KeyClaims) => string,
): Promise<OwnersDigest> {
  const hash = createHash('sha256');
  let keys = 0;
  for (const kind of kinds) {
    const prefixes = Array.from({ length: PARTITIONS }, (_, partition) => partitionPrefix(hotkey, kind, partition));
    const sizes = await Promise.all(prefixes.map((prefix) => redis.hget(`${prefix}size`, 'buckets')));
    for (const [partition, prefix] of prefixes.entries()) {
      const claims = await readPartition(redis, prefix, Number(sizes[partition] ?? 0));
      const head = `${kind}:${partition.toString(16).padStart(2, '0')}`;
      for (const field of [...claims.keys()].sort()) {
        const owners = print(claims.get(field) as KeyClaims);
        if (owners === '') continue;
        hash.update(`${head}${field}:${owners}\n`);
        keys += 1;
      }
    }
  }
  return { keys, digest: hash.digest('hex') };
}

/** All keys of a partition that someone has claimed, by their last 15 bytes in hex. */
async function readPartition(redis: Redis | Cluster, prefix: string, buckets: number): Promise<Map<string, KeyClaims>> {
  const claims = new Map<string, KeyClaims>();
  const each = async (
    kind: string,
    take: (known: KeyClaims | undefined, value: Buffer, field: string) => void,
  ): Promise<void> => {
    for (let first = 0; first < buckets; first += AT_ONCE) {
      const names = Array.from(
        { length: Math.min(AT_ONCE, buckets - first) },
        (_, at) => `${prefix}${kind}:${first + at}`,
      );
      for (const flat of await Promise.all(names.map((name) => redis.callBuffer('HGETALL', name)))) {
        const items = flat as Buffer[];
        for (let at = 0; at < items.length; at += 2) {
          const field = items[at]!.toString('hex');
          take(claims.get(field), items[at + 1]!, field);
        }
      }
    }
  };
  await each('own', (_, value, field) => claims.set(field, { claimants: [readClaimant(value)], withdrawn: [] }));
  await each('also', (known, value) => known?.claimants.push(...readClaimants(value)));
  await each('gone', (known, value) => known?.withdrawn.push(...readWithdrawn(value)));
  return claims;
}
