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
        if (life.calls === 0 && !life.afterEffect) throw new Died();
        const result: unknown = await Reflect.apply(method, target, args);
        if (life.calls === 0) throw new Died();
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
    expect(await seal(depsOf(signer, FOREVER))).toEqual({ manifest: null, duplicates: 0, waiting: again.waiting });
  }
  expect(deaths).toBeGreaterThan(8);
});
