import fc from 'fast-check';
import type { Cluster } from 'ioredis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '../../src/core/claim.ts';
import { recordKey } from '../../src/dedup/identities.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import type { Owners } from '../../src/dedup/owners.ts';
import type { Note } from '../dedup/owners-model.ts';
import { anyNote, ownersByRule, RENEWED_AFTER, versionOf } from '../dedup/owners-model.ts';
import type { RedisServers } from '../support/redis-servers.ts';
import { connectCluster, startRedisCluster, startRedisServers } from '../support/redis-servers.ts';

let server: RedisServers;
let redis: Redis;
let operators = 0;

beforeAll(async () => {
  server = await startRedisServers(1);
  redis = new Redis(server.ports[0]!, '127.0.0.1');
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const key = (number: number): Buffer => recordKey(`web:${number}`);
const keysUpTo = (count: number): Buffer[] => Array.from({ length: count }, (_, number) => key(number));
const versionBytes = (version: number | null): Buffer | null =>
  version === null ? null : Buffer.from([1, 2, 3, version + 1]);

function newOwners(on: Redis | Cluster = redis): Owners {
  operators += 1;
  return createOwners({ redis: on, hotkey: `5Owner${operators}`, renewedAfterBlocks: RENEWED_AFTER });
}

async function apply(owners: Owners, note: Note): Promise<void> {
  if (note.kind === 'withdraw-claim') await owners.withdrawClaim(note.claim, note.atUs);
  else if (note.kind === 'withdraw-keys') await owners.record.withdraw(note.keys.map(key), note.claim, note.atUs);
  else {
    const versions = note.keys.map((number) => versionBytes(versionOf(note, number)));
    await owners.record.claim(note.keys.map(key), note.claim, versions);
  }
}

/** A worker that dies on the way has sent part of a batch; another sends all of it later. */
function cutOff(note: Note, at: number): Note[] {
  if (note.kind === 'withdraw-claim') return [note, note];
  return [{ ...note, keys: note.keys.slice(0, at % (note.keys.length + 1)) }, note];
}

async function seen(owners: Owners, notes: readonly Note[]): Promise<unknown> {
  const numbers = [0, 1, 2, 3, 4, 5];
  const claims = [...new Map(notes.map(({ claim }) => [`${claim.block}.${claim.event}`, claim])).values()];
  const found: Record<string, unknown> = {};
  for (const claim of claims) {
    const standing = await owners.record.standing(numbers.map(key), claim);
    standing.forEach(({ owned, returnedFrom }, number) => {
      const from = returnedFrom.map(({ block, event, withdrawnAt }) => `${block}.${event}@${withdrawnAt}`);
      if (owned) found[`${number}:${claim.block}.${claim.event}`] = from;
    });
  }
  return found;
}

function expected(notes: readonly Note[]): unknown {
  const found: Record<string, unknown> = {};
  for (const [number, owners] of ownersByRule(notes)) {
    for (const { claim, from } of owners) found[`${number}:${claim.block}.${claim.event}`] = from;
  }
  return found;
}

describe('owners', () => {
  it('are the same after 1,000 histories of claims, withdrawals, replays and crashes, in every order', async () => {
    const history = fc.array(
      fc.record({ note: anyNote, again: fc.boolean(), cut: fc.option(fc.nat(5)), place: fc.nat() }),
      {
        minLength: 3,
        maxLength: 12,
      },
    );
    let renewed = 0;
    let returned = 0;
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const notes = steps.map(({ note }) => note);
        const sent = steps.flatMap(({ note, again, cut, place }) => [
          ...(cut === null ? [note] : cutOff(note, cut)).map((item) => ({ item, place })),
          ...(again ? [{ item: note, place: (place * 7919) % 101 }] : []),
        ]);
        const [one, other, together] = [newOwners(), newOwners(), newOwners()];
        for (const { item } of sent) await apply(one, item);
        for (const { item } of [...sent].sort((a, b) => a.place - b.place)) await apply(other, item);
        // Several workers at once.
        await Promise.all(sent.map(({ item }) => apply(together, item)));
        const rule = expected(notes);
        expect(await seen(one, notes)).toEqual(rule);
        expect(await seen(other, notes)).toEqual(rule);
        expect(await seen(together, notes)).toEqual(rule);
        const digests = await Promise.all([one, other, together].map((owners) => owners.snapshotDigest()));
        expect(digests[1]).toEqual(digests[0]);
        expect(digests[2]).toEqual(digests[0]);
        const all = [...ownersByRule(notes).values()];
        expect(digests[0]?.keys).toBe(all.filter((owners) => owners.length > 0).length);
        if (all.some((owners) => owners.length > 1)) renewed += 1;
        if (all.some((owners) => owners.some(({ from }) => from.length > 0))) returned += 1;
        await redis.flushall();
      }),
      { numRuns: 1000 },
    );
    // Histories in which nothing happens would prove nothing.
    expect(renewed).toBeGreaterThan(20);
    expect(returned).toBeGreaterThan(100);
  }, 300_000);

  it('are kept through splits, with those beside them and their withdrawals', async () => {
    const keys = keysUpTo(60_000);
    const late: Claim = { block: 20, event: 0, hotkey: '5Bob', registered: 1 };
    const early: Claim = { block: 10, event: 0, hotkey: '5Ada', registered: 1 };
    const [one, other] = [newOwners(), newOwners()];
    await one.record.withdraw(keys.slice(0, 100), early, 5_000_000);
    expect(await one.record.claim(keys.slice(0, 300), late)).toEqual({ owned: 300 });
    expect(await one.record.claim(keys.slice(0, 200), early)).toEqual({ owned: 200 });
    for (let start = 300; start < keys.length; start += 7_000)
      await one.record.claim(keys.slice(start, start + 7_000), late);
    const owners = await one.record.ownersOf(keys);
    expect(owners.slice(0, 100)).toEqual(Array(100).fill(late));
    expect(owners.slice(100, 200)).toEqual(Array(100).fill(early));
    expect(owners.slice(200)).toEqual(Array(keys.length - 200).fill(late));
    await other.record.claim(keys.toReversed(), late);
    await other.record.claim(keys.slice(0, 200), early);
    await other.record.withdraw(keys.slice(0, 100), early, 5_000_000);
    expect(await other.snapshotDigest()).toEqual(await one.snapshotDigest());
    for (const name of await redis.keys('*:owners:record:own:*')) {
      expect(await redis.object('ENCODING', name)).toBe('listpack');
    }
  });

  it('of a withdrawn claim are the next claimants, whose withdrawal returns them further', async () => {
    const owners = newOwners();
    const claims = [3, 4, 5].map((block): Claim => ({ block, event: 1, hotkey: `5A${block}`, registered: 1 }));
    for (const claim of [claims[2]!, claims[0]!, claims[1]!]) await owners.record.claim([key(1)], claim);
    await owners.withdrawClaim(claims[0]!, 50_000_000);
    expect(await owners.record.ownersOf([key(1)])).toEqual([claims[1]]);
    await owners.record.withdraw([key(1)], claims[1]!, 60_000_000);
    expect(await owners.record.standing([key(1)], claims[2]!)).toEqual([
      {
        owned: true,
        returnedFrom: [
          { block: 3, event: 1, withdrawnAt: 50 },
          { block: 4, event: 1, withdrawnAt: 60 },
        ],
      },
    ]);
    await owners.withdrawClaim(claims[2]!, 70_000_000);
    expect(await owners.record.ownersOf([key(1)])).toEqual([null]);
    expect((await owners.snapshotDigest()).keys).toBe(0);
  });

  it('hold however many keys begin alike', async () => {
    const keys = Array.from({ length: 9_000 }, (_, number) => {
      const made = Buffer.alloc(16);
      made.writeUInt32BE(number, 12);
      return made;
    });
    const owners = newOwners();
    const claim: Claim = { block: 1, event: 0, hotkey: '5Ada', registered: 0 };
    expect(await owners.record.claim(keys, claim)).toEqual({ owned: 9_000 });
    expect(await owners.record.claim(keys, { ...claim, block: 2 })).toEqual({ owned: 0 });
    expect((await owners.record.owns(keys, claim)).every(Boolean)).toBe(true);
  });

  it('of two kinds do not mix, and of two operators neither', async () => {
    const [owners, stranger] = [newOwners(), newOwners()];
    const claim = { block: 5, event: 1, hotkey: '5Ada', registered: 2 };
    await owners.record.claim([key(1)], claim);
    expect(await owners.text.ownersOf([key(1)])).toEqual([null]);
    expect(await owners.media.ownersOf([key(1)])).toEqual([null]);
    expect(await stranger.record.ownersOf([key(1)])).toEqual([null]);
    expect(await owners.record.owns([key(1), key(2)], claim)).toEqual([true, false]);
    expect(await owners.record.owns([key(1)], { ...claim, registered: 3 })).toEqual([false]);
  });

  it('refuse a second holder of one place in the chain, and a key that has not 16 bytes', async () => {
    const owners = newOwners();
    const claim = { block: 5, event: 1, hotkey: '5Ada', registered: 2 };
    await owners.record.claim([key(1)], claim);
    const forged = owners.record.claim([key(2)], { ...claim, hotkey: '5Bob' });
    await expect(forged).rejects.toMatchObject({ name: 'InvalidInput' });
    expect(await owners.record.ownersOf([key(2)])).toEqual([null]);
    await expect(owners.record.claim([Buffer.alloc(15)], claim)).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  it('survive a server that has forgotten its scripts', async () => {
    const owners = newOwners();
    const claim = { block: 1, event: 0, hotkey: '5Ada', registered: 0 };
    await owners.record.claim([key(1)], claim);
    await redis.script('FLUSH');
    expect(await owners.record.claim([key(2)], claim)).toEqual({ owned: 1 });
    expect(await owners.record.ownersOf([key(1), key(2)])).toEqual([claim, claim]);
  });

  it('spread over a cluster of three and are the same there', async () => {
    const servers = await startRedisCluster(3);
    const cluster = connectCluster(servers);
    try {
      const keys = keysUpTo(3_000);
      const [early, late] = [4, 9].map((block): Claim => ({ block, event: 2, hotkey: `5A${block}`, registered: 1 }));
      const [here, there] = [
        newOwners(),
        createOwners({ redis: cluster, hotkey: `5Owner${operators}`, renewedAfterBlocks: RENEWED_AFTER }),
      ];
      for (const owners of [here, there]) {
        expect(await owners.record.claim(keys, late!)).toEqual({ owned: 3_000 });
        await owners.record.claim(keys.slice(0, 1_000), early!);
        await owners.record.withdraw(keys.slice(0, 10), early!, 1_000_000);
        await owners.text.claim(keys.slice(0, 5), late!);
      }
      expect((await there.record.owns(keys, early!)).filter(Boolean)).toHaveLength(990);
      expect(await there.snapshotDigest()).toEqual(await here.snapshotDigest());
      const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()));
      expect(sizes).toHaveLength(3);
      for (const size of sizes) expect(size).toBeGreaterThan(100);
    } finally {
      cluster.disconnect();
      await servers.stop();
    }
  });
});
