import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openCommitIndex } from '../../src/commit/indexer/commit-index.ts';
import type { CommitIndex } from '../../src/commit/indexer/commit-index.ts';
import { createIndexer } from '../../src/commit/indexer/indexer.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { spawnChain } from '../commit/support/chain-process.ts';
import { startCuttingProxy } from '../commit/support/cutting-proxy.ts';
import { randomOf, scheduleOf } from '../commit/support/schedule.ts';
import { chainHistory, faultsOf, NETUID, openTestMiner } from '../commit/support/test-miner.ts';
import type { TestMiner } from '../commit/support/test-miner.ts';
import { useStack } from '../support/stack.ts';

/*
 * Eight miners live through seeded schedules of seals, cuts and kills on one chain, while an indexer that is killed again and again follows it. At the
 * end each manifest is anchored once, and the index has what the chain has. SEINE_TEST_SEED and SEINE_TEST_SCHEDULES choose others.
 */

const MINERS = 8;
const SEED = Number(process.env['SEINE_TEST_SEED'] ?? 1);
const SCHEDULES = Number(process.env['SEINE_TEST_SCHEDULES'] ?? 1000);
const TAO = 1_000_000_000;

let dir: string;
let server: Awaited<ReturnType<typeof spawnChain>>;
let chain: Chain;
let redis: Redis;
let index: CommitIndex;
let miners: TestMiner[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-schedules-'));
  redis = await connectRedis(useStack().redisState);
  const run = Date.now();
  miners = await Promise.all(
    Array.from({ length: MINERS }, (_, at) =>
      openTestMiner({ uri: `//Seine//schedules-${run}-${at}`, redis, dir: join(dir, 'objects') }),
    ),
  );
  const addresses = miners.map(({ signer }) => signer.address);
  const { address: owner } = await openDevelopmentKey({ uri: '//Alice', development: true });
  server = await spawnChain(dir, {
    endowed: [owner, ...addresses].map((address) => ({ address, rao: TAO })),
    sudo: owner,
    maxSpace: 1_000_000,
    subnets: [{ netuid: NETUID, owner, tempo: 10_000 }],
    neurons: addresses.map((hotkey) => ({ netuid: NETUID, hotkey, coldkey: owner })),
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  index = await openCommitIndex({ url: useStack().redisIndex, hotkey: `schedules-${run}`, netuid: NETUID });
});

afterAll(async () => {
  await index.close();
  await chain.close();
  await server.close();
  redis.disconnect();
  await rm(dir, { recursive: true, force: true });
});

/** A miner's share of the schedules, one after the other, then what still waits. */
async function live(miner: TestMiner, seeds: readonly number[]): Promise<void> {
  const proxy = await startCuttingProxy(server.endpoint);
  let connection = await connectChain({ endpoints: [proxy.endpoint] });
  try {
    for (const seed of seeds) {
      const { seals, mishap, request, side } = scheduleOf(seed);
      for (let count = 0; count < seals; count++) await miner.seal();
      const cut = mishap === 'none' ? null : proxy.cutAt(request, side);
      const doomed = connection;
      const killed = mishap === 'kill' && cut !== null ? cut.then(() => doomed.close()).then(() => true) : null;
      const published = miner.publisher(connection).publishQueue();
      published.catch(() => undefined);
      const done = published.then(() => false);
      const died = await (killed === null ? done : Promise.race([done, killed])).catch((error: unknown) => {
        throw new Error(`seed ${seed}, ${miner.signer.address}: ${String(error)}`, { cause: error });
      });
      proxy.disarm();
      if (died) connection = await connectChain({ endpoints: [proxy.endpoint] });
    }
    while ((await miner.publisher(connection).publishQueue()).status === 'committed');
  } finally {
    await connection.close();
    await proxy.close();
  }
}

class Died extends Error {}

/** The index, which dies with its indexer at the given call. */
function mortal(calls: number): CommitIndex {
  let left = calls;
  return new Proxy(index, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        left -= 1;
        return left === 0 ? Promise.reject(new Died()) : Reflect.apply(method, target, args);
      };
    },
  });
}

/** Follows the chain with one indexer after the other until all is over. Gives how many died. */
async function follow(over: () => boolean): Promise<number> {
  const random = randomOf(SEED);
  let deaths = 0;
  while (!over()) {
    const indexer = createIndexer({ chain, index: mortal(1 + Math.floor(random() * 40)), netuid: NETUID });
    try {
      while (!over()) {
        await indexer.readTo((await chain.finalized()).number, { from: 1 });
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      deaths += 1;
    }
  }
  return deaths;
}

it(`after ${SCHEDULES} schedules from seed ${SEED} the index has the chain's history, and each manifest is anchored once`, async () => {
  const seeds = Array.from({ length: SCHEDULES }, (_, at) => SEED * 1_000_003 + at);
  let over = false;
  const following = follow(() => over);
  await Promise.all(
    miners.map((miner, at) =>
      live(
        miner,
        seeds.filter((_, place) => place % MINERS === at),
      ),
    ),
  ).finally(() => (over = true));
  expect(await following).toBeGreaterThan(0);

  const { number } = await chain.finalized();
  await createIndexer({ chain, index, netuid: NETUID }).readTo(number, { from: 1 });
  const history = await chainHistory(chain);
  for (const miner of miners) expect(await faultsOf(miner, history), `seed ${SEED}`).toEqual([]);
  const indexed = await index.between(0, number);
  expect(
    indexed.map(({ hotkey, registered, block, event, data }) => ({ hotkey, registered, block, event, data })),
  ).toEqual(history.map(({ hotkey, registered, block, event, data }) => ({ hotkey, registered, block, event, data })));
  const sealed = await Promise.all(miners.map(async ({ outbox }) => (await outbox.commits()).length));
  expect(sealed.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(SCHEDULES);
  expect(history.length).toBeGreaterThan(SCHEDULES / 3);
}, 900_000);
