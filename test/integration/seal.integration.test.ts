import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSealActivities } from '../../activities/seal.ts';
import type { SealDeps, SealResult } from '../../activities/seal.ts';
import { parseManifest } from '../../src/commit/manifest.ts';
import { createOutbox } from '../../src/commit/outbox.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import type { Signer } from '../../src/core/chain.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { writeSpool } from '../../src/core/spool.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { verifyShard } from '../../src/datasets/verify-shard.ts';
import { createHistory } from '../../src/dedup/history.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';
import { sampleRecords } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';
import { useStack } from '../support/stack.ts';

/*
 * A worker that dies at any step of a seal, before or after the step took effect, and one that runs the seal again: the rows are in one
 * manifest, once, and it is named to whoever must publish it.
 */

const dir = tempDir();
const NETUID = 1;
const rows = sampleRecords(40);
let redis: Redis;

beforeAll(async () => {
  redis = await connectRedis(useStack().redisState);
});

afterAll(async () => {
  await redis.quit();
});

class Died extends Error {}

/** Calls left until death, counted over all parts of one worker. */
interface Life {
  calls: number;
  afterEffect: boolean;
}

/** The part, whose methods die with their worker. */
function mortal<T extends object>(part: T, life: Life): T {
  return new Proxy(part, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        life.calls -= 1;
        // Counted once: a call may make another one before it is done.
        const isLast = life.calls === 0;
        if (isLast && !life.afterEffect) throw new Died();
        const result: unknown = await Reflect.apply(method, target, args);
        if (isLast) throw new Died();
        return result;
      };
    },
  });
}

function depsOf(signer: Signer, life: Life): SealDeps {
  const hotkey = signer.address;
  const mine = <T extends object>(part: T): T => mortal(part, life);
  return {
    ...{ signer, netuid: NETUID, scratch: dir, now: () => 1_800_000_000_000_000 },
    heartbeat: () => undefined,
    outbox: mine(createOutbox({ redis, hotkey })),
    history: mine(createHistory({ redis, hotkey })),
    store: mine(createFileStore(dir)),
    storage: null,
    frontier: (crawl) => mine(createFrontier({ redis, hotkey, crawl })),
  };
}

/** A miner with two batches that wait, and five rows in both. */
async function minerWithBatches(seed: string): Promise<Signer> {
  const signer = await openDevelopmentKey({ uri: seed, development: true });
  const frontier = createFrontier({ redis, hotkey: signer.address, crawl: 'docs' });
  const store = createFileStore(dir);
  for (const [place, part] of [rows.slice(0, 25), rows.slice(20)].entries()) {
    await frontier.add([{ url: `https://a.test/${place}`, depth: 0 }]);
    const request = { queue: 'http', owner: 'w', count: 1, leaseMs: 60_000 } as const;
    const done = (await frontier.lease(request)).map(({ url }) => url);
    const nothing = { retry: [], release: [], browser: [], links: [], failed: {} };
    const counts = { pages: 1, records: part.length };
    const batch = await store.put(writeSpool(part));
    await frontier.complete({ owner: 'w', queue: 'http', batch, done, ...nothing, ...counts });
  }
  return signer;
}

const seal = (deps: SealDeps): Promise<SealResult> => createSealActivities(deps).sealManifest({ job: 'docs' });
const FOREVER: Life = { calls: Infinity, afterEffect: false };

async function rowsOf(signer: Signer): Promise<DataRecord[]> {
  const store = createFileStore(dir);
  const waiting = await createOutbox({ redis, hotkey: signer.address }).waiting();
  const sealed: DataRecord[] = [];
  for (const { digest } of waiting) {
    const manifest = parseManifest(await store.get(digest), { digest, netuid: NETUID, hotkey: signer.address });
    for (const shard of manifest.shards) {
      sealed.push(...(await verifyShard(store.path(shard.sha256) ?? '', shard)).rows);
    }
  }
  return sealed;
}

it.each([true, false])('loses and doubles nothing, wherever it dies (after the effect: %s)', async (afterEffect) => {
  let deaths = 0;
  for (let calls = 1; ; calls += 1) {
    const signer = await minerWithBatches(`//Seine//seal-${afterEffect}-${calls}`);
    const first = await seal(depsOf(signer, { calls, afterEffect })).catch((error: unknown) => {
      if (error instanceof Died) return null;
      throw error;
    });
    if (first !== null) break;
    deaths += 1;
    const again = await seal(depsOf(signer, FOREVER));
    expect(again.waiting).toHaveLength(1);
    const ids = (await rowsOf(signer)).map(({ id }) => id);
    expect(ids).toEqual(rows.map(({ id }) => id).sort());
    const outbox = createOutbox({ redis, hotkey: signer.address });
    expect(await outbox.counts()).toEqual({ rows: 40, duplicates: 5 });
    expect(await seal(depsOf(signer, FOREVER))).toEqual({
      ...{ manifest: null, rows: 0, duplicates: 0, waiting: again.waiting },
    });
  }
  expect(deaths).toBeGreaterThan(8);
});

/** The part, whose named method stops before or after its work until `resume`; `reached` resolves when it has stopped. */
function paused<T extends object>(part: T, method: keyof T, when: 'before' | 'after') {
  let resume = (): void => undefined;
  let arrive = (): void => undefined;
  const go = new Promise<void>((resolve) => (resume = resolve));
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const run = part[method] as (...args: unknown[]) => Promise<unknown>;
  const slow = async (...args: unknown[]): Promise<unknown> => {
    if (when === 'before') {
      arrive();
      await go;
    }
    const result = await run(...args);
    if (when === 'after') {
      arrive();
      await go;
    }
    return result;
  };
  return { part: { ...part, [method]: slow }, reached, resume };
}

const NOTHING_NEW = { manifest: null, rows: 0, duplicates: 0 };

it('seals once where a slow try is begun again beside itself and both write a shard', async () => {
  const signer = await minerWithBatches('//Seine//seal-overlapping');
  const deps = depsOf(signer, FOREVER);
  const outbox = createOutbox({ redis, hotkey: signer.address });
  const slow = paused(outbox, 'finish', 'before');
  // A clock of its own, so that its manifest is another one.
  const first = seal({ ...deps, outbox: slow.part, now: () => 1_800_000_000_000_001 });
  await slow.reached;
  const second = await seal(deps);
  slow.resume();
  expect(await first).toEqual({ ...NOTHING_NEW, waiting: second.waiting });
  expect(second.waiting).toEqual([{ digest: second.manifest, seq: 0 }]);
  expect(await outbox.counts()).toEqual({ rows: 40, duplicates: 5 });
  expect((await rowsOf(signer)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id).sort());
});

it('leaves the seal of another job alone that was begun after the first try was done', async () => {
  const signer = await minerWithBatches('//Seine//seal-other-job');
  const deps = depsOf(signer, FOREVER);
  const outbox = createOutbox({ redis, hotkey: signer.address });
  const slow = paused(outbox, 'finish', 'before');
  const first = seal({ ...deps, outbox: slow.part });
  await slow.reached;
  await seal(deps);
  const other = await outbox.begin('news', () => Promise.resolve(['batch']));
  slow.resume();
  expect(await first).toMatchObject(NOTHING_NEW);
  expect(other).toEqual({ job: 'news', batches: ['batch'], number: 1 });
  expect(await outbox.begin('news', () => Promise.resolve([]))).toEqual(other);
  await expect(seal(deps)).rejects.toThrow('job news is being sealed');
  expect(await outbox.counts()).toEqual({ rows: 40, duplicates: 5 });
});

it('does not begin with batches that were sealed since they were read', async () => {
  const signer = await minerWithBatches('//Seine//seal-stale');
  const deps = depsOf(signer, FOREVER);
  const slow = paused(createFrontier({ redis, hotkey: signer.address, crawl: 'docs' }), 'pendingBatches', 'after');
  const first = seal({ ...deps, frontier: () => slow.part });
  await slow.reached;
  const { waiting } = await seal(deps);
  slow.resume();
  expect(await first).toEqual({ ...NOTHING_NEW, waiting });
  expect(await createOutbox({ redis, hotkey: signer.address }).counts()).toEqual({ rows: 40, duplicates: 5 });
});

it('queues no manifest that does not follow the newest', async () => {
  const signer = await minerWithBatches('//Seine//seal-order');
  const outbox = createOutbox({ redis, hotkey: signer.address });
  const begun = await outbox.begin('docs', () => Promise.resolve(['batch']));
  if (begun === null) throw new Error('there is a batch');
  const manifest = { digest: 'a'.repeat(64), seq: 1, rows: 1, objects: [] };
  expect(await outbox.finish(begun, manifest, { rows: 1, duplicates: 0 })).toBe(false);
  expect(await outbox.finish(begun, { ...manifest, seq: 0 }, { rows: 1, duplicates: 0 })).toBe(true);
  expect(await outbox.waiting()).toEqual([{ ...manifest, seq: 0 }]);
});
