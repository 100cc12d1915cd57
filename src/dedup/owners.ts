import type { Cluster, Redis } from 'ioredis';
import type { Claim } from '../core/claim.ts';
import { InvalidInputError } from '../core/errors.ts';
import { keyspace } from '../redis/keys.ts';
import { parseHolder, printHolder } from './claim-text.ts';
import { createOwnerTable } from './owner-table.ts';
import type { OwnerTable } from './owner-table.ts';
import { digestOfOwners } from './owners-digest.ts';
import type { OwnersDigest } from './owners-digest.ts';
import { ownersAmong } from './ownership.ts';
import type { Ownership, Withdrawn } from './ownership.ts';
import { placeOfClaim, readPlace } from './place.ts';

/** What a claim is to a key. */
export interface Standing {
  /** Whether the key is the claim's. */
  owned: boolean;
  /** Of an owned key: the withdrawn claims that it came back from. See `isReturnPaid`. */
  returnedFrom: { block: number; event: number; withdrawnAt: number }[];
}

/** Who owns what, by one kind of key. */
export interface KeyOwners {
  /**
   * Notes a claim to keys. Who owns them depends on all claims and withdrawals ever noted, not on their order. Idempotent.
   * `owned` counts the given keys for which it is the smallest claim so far.
   * @param versions for each key, of a page that may be owned anew once it has changed, at least 4 bytes that tell its versions apart; else null
   */
  claim(keys: readonly Buffer[], claim: Claim, versions?: readonly (Buffer | null)[]): Promise<{ owned: number }>;
  /** Notes that a claim to keys does not hold, before or after the claim itself. Times in microseconds since 1970. Idempotent. */
  withdraw(keys: readonly Buffer[], claim: Claim, withdrawnAtUs: number): Promise<void>;
  /** The owning claim of each key, of several versions the newest; null where no claim stands. */
  ownersOf(keys: readonly Buffer[]): Promise<(Claim | null)[]>;
  /** What a claim is to each key. */
  standing(keys: readonly Buffer[], claim: Claim): Promise<Standing[]>;
  /** Whether each key is this claim's. */
  owns(keys: readonly Buffer[], claim: Claim): Promise<boolean[]>;
}

/** A validator's index of owners (Redis role `index`: it can be rebuilt from chain, shards and the log of verdicts). */
export interface Owners {
  /** Over canonical ids: decides whether a row is included. */
  readonly record: KeyOwners;
  /** Over text skeletons: decides whether a row is paid. */
  readonly text: KeyOwners;
  /** Over the digests of media: decides whether a row is paid. */
  readonly media: KeyOwners;
  /** Withdraws a claim to whatever keys it names, before or after it is made: that of a void commit. Idempotent. */
  withdrawClaim(claim: Claim, withdrawnAtUs: number): Promise<void>;
  /** Count and SHA-256 of all keys with their owners, the same on any two validators that know the same claims and withdrawals. */
  snapshotDigest(): Promise<OwnersDigest>;
}

export const OWNER_KINDS = ['record', 'text', 'media'] as const;

interface OwnersOptions {
  /** One server, or a cluster. */
  redis: Redis | Cluster;
  /** The validator's own address: its keys lie under it, apart from any other operator's. */
  hotkey: string;
  /** Blocks after which a changed page is owned anew. */
  renewedAfterBlocks: number;
}

interface Shared {
  redis: Redis | Cluster;
  hotkey: string;
  /** Hash of place -> registration and hotkey. */
  holders: string;
  /** Sorted set of places by the second since which the whole claim is withdrawn. */
  withdrawn: string;
  renewable: (first: number, second: number) => boolean;
}

export function createOwners({ redis, hotkey, renewedAfterBlocks }: OwnersOptions): Owners {
  const key = keyspace(hotkey);
  const shared: Shared = {
    ...{ redis, hotkey, holders: key('owners', 'claims'), withdrawn: key('owners', 'withdrawn') },
    renewable: (first, second) => blockOf(second) - blockOf(first) >= renewedAfterBlocks,
  };
  const of = (kind: string): KeyOwners => keyOwners(shared, createOwnerTable(redis, hotkey, kind));
  return {
    record: of('record'),
    text: of('text'),
    media: of('media'),
    async withdrawClaim(claim, withdrawnAtUs) {
      // LT: of several withdrawals the earliest stays.
      await redis.zadd(shared.withdrawn, 'LT', secondsOf(withdrawnAtUs), placeNumber(claim));
    },
    async snapshotDigest() {
      const [holders, withdrawn] = await Promise.all([redis.hgetall(shared.holders), withdrawnClaims(shared)]);
      return await digestOfOwners(redis, hotkey, OWNER_KINDS, ({ claimants, withdrawn: ofKey }) =>
        ownersAmong(claimants, [...withdrawn, ...ofKey], shared.renewable)
          .map(({ place }) => `${place}:${holders[place] ?? ''}`)
          .join(','),
      );
    },
  };
}

function keyOwners(shared: Shared, table: OwnerTable): KeyOwners {
  const { redis } = shared;
  const ownerships = async (keys: readonly Buffer[]): Promise<Ownership[][]> => {
    const withdrawn = await withdrawnClaims(shared);
    const claims = await table.read(keys);
    return claims.map((known) => {
      const among = new Set(known.claimants.map(({ place }) => place));
      const whole = withdrawn.filter(({ place }) => among.has(place));
      return ownersAmong(known.claimants, [...whole, ...known.withdrawn], shared.renewable);
    });
  };
  const standing = async (keys: readonly Buffer[], claim: Claim): Promise<Standing[]> => {
    const place = placeNumber(claim);
    const holder = await redis.hget(shared.holders, String(place));
    const all = holder === printHolder(claim) ? await ownerships(keys) : [];
    return keys.map((_, index) => {
      const own = all[index]?.find((owner) => owner.place === place);
      const returnedFrom = (own?.returnedFrom ?? []).map((item) => ({
        ...placeIn(item.place),
        withdrawnAt: item.withdrawnAt,
      }));
      return { owned: own !== undefined, returnedFrom };
    });
  };
  return {
    async claim(keys, claim, versions) {
      await hold(shared, claim);
      return { owned: await table.claim(placeOfClaim(claim), keys, versions ?? null) };
    },
    async withdraw(keys, claim, withdrawnAtUs) {
      await table.withdraw(placeOfClaim(claim), keys, secondsOf(withdrawnAtUs));
    },
    async ownersOf(keys) {
      const newest = (await ownerships(keys)).map((owners) => owners.at(-1)?.place ?? null);
      const holders = await holdersOf(shared, newest);
      return newest.map((place) => (place === null ? null : (holders.get(place) ?? null)));
    },
    standing,
    async owns(keys, claim) {
      return (await standing(keys, claim)).map(({ owned }) => owned);
    },
  };
}

/** Notes whose a claim is. A place has one holder: two would mean two chains. */
async function hold({ redis, holders }: Shared, claim: Claim): Promise<void> {
  const place = String(placeNumber(claim));
  const holder = printHolder(claim);
  if ((await redis.hsetnx(holders, place, holder)) === 1) return;
  const known = await redis.hget(holders, place);
  if (known !== holder) {
    throw new InvalidInputError(`block ${claim.block}, event ${claim.event} is another's: ${known}, not ${holder}`, {
      claim,
    });
  }
}

async function holdersOf(shared: Shared, places: readonly (number | null)[]): Promise<Map<number, Claim>> {
  const distinct = [...new Set(places)].filter((place) => place !== null);
  if (distinct.length === 0) return new Map();
  const texts = await shared.redis.hmget(shared.holders, ...distinct.map(String));
  const claims = new Map<number, Claim>();
  distinct.forEach((place, index) => {
    const text = texts[index] ?? null;
    if (text !== null) claims.set(place, { ...placeIn(place), ...parseHolder(text) });
  });
  return claims;
}

async function withdrawnClaims({ redis, withdrawn }: Shared): Promise<Withdrawn[]> {
  const flat = await redis.zrange(withdrawn, '0', '-1', 'WITHSCORES');
  return Array.from({ length: flat.length / 2 }, (_, at) => ({
    place: Number(flat[2 * at]),
    withdrawnAt: Number(flat[2 * at + 1]),
  }));
}

function placeNumber(claim: Claim): number {
  return placeOfClaim(claim).readUIntBE(0, 6);
}

function placeIn(place: number): { block: number; event: number } {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(place, 0, 6);
  return readPlace(bytes);
}

function blockOf(place: number): number {
  return placeIn(place).block;
}

function secondsOf(us: number): number {
  return Math.floor(us / 1_000_000);
}
