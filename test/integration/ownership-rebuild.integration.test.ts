import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mirrorPolicy } from '../../src/commit/mirror.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { clearOwners, sizeOfOwners } from '../../src/dedup/owners-upkeep.ts';
import { fetchObject } from '../../src/net/object-client.ts';
import { startObjectServer } from '../../src/net/object-server.ts';
import { createSeenIds } from '../../src/net/seen-ids.ts';
import { sampleRecord } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';
import type { RedisServers } from '../support/redis-servers.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { TestValidator } from '../support/test-validator.ts';
import { blockTimeUs, createTestValidator } from '../support/test-validator.ts';

const dir = tempDir();
let servers: RedisServers;
let index: Redis;
let state: Redis;
let made = 0;

beforeAll(async () => {
  servers = await startRedisServers(2);
  [index, state] = servers.ports.map((port) => new Redis(port, '127.0.0.1')) as [Redis, Redis];
});

afterAll(async () => {
  index.disconnect();
  state.disconnect();
  await servers.stop();
});

async function newValidator(): Promise<TestValidator> {
  made += 1;
  return await createTestValidator({ index, state, dir: join(dir, String(made)), uri: `//Validator${made}` });
}

const rowsFrom = (start: number, count: number): DataRecord[] =>
  Array.from({ length: count }, (_, at) => sampleRecord(start + at));

/** Four miners whose rows overlap, and what came of two of their commits. */
const COMMITS = [
  { by: { hotkey: '5Ada', block: 10 }, rows: rowsFrom(0, 40) },
  { by: { hotkey: '5Bob', block: 11, event: 4 }, rows: rowsFrom(20, 40) },
  { by: { hotkey: '5Cyd', block: 11, event: 7 }, rows: rowsFrom(30, 60) },
  { by: { hotkey: '5Dan', block: 30 }, rows: rowsFrom(0, 100) },
];

async function takeAll(validator: TestValidator, order: readonly number[]): Promise<void> {
  for (const place of order) {
    const { by, rows } = COMMITS[place]!;
    const commit = await validator.take(by, rows);
    if (place === 0) await validator.withdraw(commit, null, blockTimeUs(200));
    if (place === 1) await validator.withdraw(commit, rows.slice(5, 12), blockTimeUs(100));
  }
}

describe('an index that was lost', () => {
  it('is rebuilt from log, shards and chain with the same owners, and is what another validator has', async () => {
    const [one, other] = [await newValidator(), await newValidator()];
    await takeAll(one, [0, 1, 2, 3]);
    await takeAll(other, [3, 1, 0, 2]);
    const before = await one.owners.snapshotDigest();
    expect(before.keys).toBeGreaterThan(100);
    expect(await other.owners.snapshotDigest()).toEqual(before);
    const judged = new Map(one.judged);

    await index.flushall();
    one.judged.clear();
    expect((await one.owners.snapshotDigest()).keys).toBe(0);
    expect(await one.rebuild()).toEqual({ commits: 4, rows: 240, withdrawals: 2, unconfirmed: 0 });
    expect(await one.owners.snapshotDigest()).toEqual(before);
    expect(one.judged).toEqual(judged);
    // Again, into what is there.
    await one.rebuild({ onChain: () => Promise.resolve(null) });
    expect(await one.owners.snapshotDigest()).toEqual(before);
    await clearOwners(index, one.signer.address);
    expect((await sizeOfOwners(index, one.signer.address)).kinds.record.keys).toBe(0);
    expect(await index.keys(`*${one.signer.address}*owners*`)).toEqual([]);
  });

  it('has the same owners after 50 random orders of miners', async () => {
    const digests = new Set<string>();
    for (let run = 0; run < 50; run += 1) {
      await index.flushall();
      const validator = await newValidator();
      const rank = (place: number): string => sha256Hex(`${run}.${place}`);
      await takeAll(
        validator,
        [0, 1, 2, 3].sort((a, b) => (rank(a) < rank(b) ? -1 : 1)),
      );
      digests.add((await validator.owners.snapshotDigest()).digest);
    }
    expect(digests.size).toBe(1);
  });

  it('is not rebuilt from what contradicts the chain or lacks bytes', async () => {
    const validator = await newValidator();
    await takeAll(validator, [0, 1]);
    const foreign = validator.rebuild({ onChain: () => Promise.resolve('ab'.repeat(32)) });
    await expect(foreign).rejects.toMatchObject({ name: 'LogContradictsChain' });
    const store = { ...validator.store, path: () => null };
    await expect(validator.rebuild({ store })).rejects.toMatchObject({ name: 'ShardsMissing' });
  });
});

describe('the log of verdicts', () => {
  it('takes a note once, and lines of several workers one after another', async () => {
    const { log } = await newValidator();
    const note = (block: number) => ({
      kind: 'withdrawn' as const,
      place: { block, event: 0, hotkey: '5Ada', registered: 1 },
      ...{ rows: null, reason: 'void', at: 1 },
    });
    const blocks = Array.from({ length: 30 }, (_, block) => block);
    await Promise.all([...blocks, ...blocks].map((block) => log.append(note(block))));
    expect(await log.length()).toBe(30);
    const seen: number[] = [];
    for await (const entry of log.entries()) if (entry.note.kind === 'withdrawn') seen.push(entry.note.place.block);
    expect(seen.sort((a, b) => a - b)).toEqual(blocks);
  });
});

describe('accepted shards', () => {
  it('are served to validators by digest for 30 days, and to nobody else', async () => {
    const validator = await newValidator();
    const commit = await validator.take({ hotkey: '5Ada', block: 10 }, rowsFrom(0, 3));
    const digest = commit.judgement.status === 'accepted' ? commit.judgement.shards[0]!.sha256 : '';
    const [peer, stranger] = [
      await openDevelopmentKey({ uri: '//Peer', development: true }),
      await openDevelopmentKey({ uri: '//Stranger', development: true }),
    ];
    let now = 10;
    const chain = {
      finalized: () => Promise.resolve({ number: now, hash: '0x' }),
      metagraph: () => Promise.resolve([{ hotkey: peer.address, validatorPermit: true }] as never),
    };
    const hotkey = validator.signer.address;
    const server = await startObjectServer({
      ...{ host: '127.0.0.1', port: 0, hotkey },
      seen: createSeenIds({ redis: state, hotkey, now: Date.now }),
      mayServe: mirrorPolicy(validator.mirror, chain, 1),
      open: (object) => validator.store.open(object).catch(() => null),
      log: () => undefined,
    });
    const get = (signer: typeof peer, object: string): Promise<Uint8Array> =>
      fetchObject({
        ...{ base: `http://127.0.0.1:${server.port}`, digest: object, maxBytes: 1e6, receiver: hotkey, signer },
        ...{ timeoutMs: 5000, minBytesPerSecond: 1, isAllowedAddress: () => true },
      });
    try {
      expect(sha256Hex(await get(peer, digest))).toBe(digest);
      await expect(get(stranger, digest)).rejects.toMatchObject({ name: 'PeerRefused' });
      // In the store, but not accepted of anyone.
      const own = await validator.store.put(Buffer.from('evidence'));
      await expect(get(peer, own)).rejects.toMatchObject({ name: 'PeerRefused' });
      now = 10 + 216_000;
      expect(sha256Hex(await get(peer, digest))).toBe(digest);
      now += 1;
      await expect(get(peer, digest)).rejects.toMatchObject({ name: 'PeerRefused' });
      expect(await validator.mirror.expire(now)).toContain(digest);
      expect(await validator.mirror.keptSince(digest)).toBeNull();
    } finally {
      await server.close();
    }
  });
});
