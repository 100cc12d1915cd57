import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain, ChainOptions } from '../../chain/server.ts';
import type { PublishResult } from '../../activities/publish.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { decodeCommitment } from '../../src/commit/commitment.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { redisUrl } from '../../stack/redis.ts';
import { startCuttingProxy } from '../commit/support/cutting-proxy.ts';
import type { CutSide } from '../commit/support/cutting-proxy.ts';
import { chainHistory, faultsOf, NETUID, openTestMiner } from '../commit/support/test-miner.ts';
import type { TestMiner } from '../commit/support/test-miner.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { RedisServers } from '../support/redis-servers.ts';

/*
 * A miner's queue of sealed manifests on its way to the chain, with everything that can come in between. However it goes, each manifest is anchored
 * once, and the outbox knows where.
 */

const TEMPO = 45;
const PATIENT = { timeout: 60_000 };
/** About two minutes on an idle machine of two cores. */
const SLOW = 600_000;
const TAO = 1_000_000_000;
const MINERS = ['Steps before', 'Steps after', 'Killed', 'Restart', 'Lag', 'Requeue', 'Drop', 'Budget', 'Two'] as const;

let options: ChainOptions;
let server: DevelopmentChain;
let chain: Chain;
let servers: RedisServers;
let redis: Redis;
let miners: Record<(typeof MINERS)[number], TestMiner>;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'seine-publish-'));
  servers = await startRedisServers(1);
  redis = await connectRedis(redisUrl(servers.ports[0]));
  const opened = await Promise.all(
    MINERS.map(async (name) => {
      const uri = `//Seine//publish-${name.replace(' ', '-')}//${Date.now()}`;
      return [name, await openTestMiner({ uri, redis, dir: join(dir, 'objects') })] as const;
    }),
  );
  miners = Object.fromEntries(opened) as typeof miners;
  const { address } = await openDevelopmentKey({ uri: '//Alice', development: true });
  options = {
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'instant' },
    log: () => undefined,
    genesis: {
      endowed: [address, ...opened.map(([, { signer }]) => signer.address)].map((key) => ({ address: key, rao: TAO })),
      sudo: address,
      subnets: [{ netuid: NETUID, owner: address, tempo: TEMPO }],
      neurons: opened.map(([, { signer }]) => ({ netuid: NETUID, hotkey: signer.address, coldkey: address })),
    },
  };
  server = await startChain(options);
  chain = await connectChain({ endpoints: [server.endpoint] });
});

afterAll(async () => {
  await chain.close();
  await server.close();
  redis.disconnect();
  await servers.stop();
  await rm(join(options.dir, '..'), { recursive: true, force: true });
});

beforeEach(() => server.setFinality(0));

async function faults(miner: TestMiner): Promise<string[]> {
  return await faultsOf(miner, await chainHistory(chain));
}

async function seqsOnChain(miner: TestMiner): Promise<number[]> {
  const own = (await chainHistory(chain)).filter(({ hotkey }) => hotkey === miner.signer.address);
  return own.map(({ data }) => decodeCommitment(data)).map((item) => (item.kind === 'manifest' ? item.seq : -1));
}

describe.concurrent('at each of its requests to the node', () => {
  it.each([
    ['Steps before', 'before'],
    ['Steps after', 'after'],
  ] as const)(
    'a publisher that loses its connection (%s) loses and doubles nothing',
    async (name, side: CutSide) => {
      const miner = miners[name];
      const proxy = await startCuttingProxy(server.endpoint);
      const unlucky = await connectChain({ endpoints: [proxy.endpoint] });
      const methods = new Set<string>();
      try {
        for (let request = 1; ; request += 1) {
          await nextEpochIfFull(miner);
          await miner.seal();
          if (request % 3 === 0) await miner.seal();
          void proxy.cutAt(request, side).then((method) => methods.add(method));
          const result = await miner.publisher(unlucky).publishQueue();
          expect(result.status, `cut at request ${request}`).toBe('committed');
          if (proxy.disarm()) break;
        }
        expect(methods).toContain('author_submitExtrinsic');
        expect(await miner.outbox.waiting()).toEqual([]);
        expect(await faults(miner)).toEqual([]);
      } finally {
        await unlucky.close();
        await proxy.close();
      }
    },
    SLOW,
  );

  it(
    'a publisher that is abandoned is taken up by another',
    async () => {
      const miner = miners.Killed;
      const proxy = await startCuttingProxy(server.endpoint);
      try {
        for (let request = 1; ; request += 1) {
          await nextEpochIfFull(miner);
          const doomed = await connectChain({ endpoints: [proxy.endpoint] });
          await miner.seal();
          const killed = proxy.cutAt(request, request % 2 === 0 ? 'before' : 'after').then(() => doomed.close());
          const first = miner.publisher(doomed).publishQueue();
          first.catch(() => undefined);
          const survived = await Promise.race([first.then(() => true), killed.then(() => false)]);
          if (survived) {
            proxy.disarm();
            await doomed.close();
            break;
          }
          await miner.seal();
          await drain(miner, chain);
        }
        expect(await faults(miner)).toEqual([]);
      } finally {
        await proxy.close();
      }
    },
    SLOW,
  );
});

it('two publishers of one hotkey anchor each manifest once', async () => {
  const miner = miners.Two;
  const other = await connectChain({ endpoints: [server.endpoint] });
  try {
    for (let turn = 0; turn < 8; turn++) {
      await miner.seal();
      await Promise.all([drain(miner, chain), drain(miner, other), miner.seal().then(() => drain(miner, chain))]);
    }
    expect(await miner.outbox.waiting()).toEqual([]);
    expect(await faults(miner)).toEqual([]);
  } finally {
    await other.close();
  }
});

it('a node that restarts in between has the commitment once', async () => {
  const miner = miners.Restart;
  const port = Number(new URL(server.endpoint).port);
  await server.setFinality(3);
  await miner.seal();
  const publication = miner.publisher(chain).publishQueue();
  await expect.poll(() => chain.heldCommit(NETUID, miner.signer.address), PATIENT).not.toBeNull();
  await server.close();
  server = await startChain({ ...options, port });
  await server.newBlocks(3);
  await server.setFinality(0);
  expect((await publication).status).toBe('committed');
  expect(await faults(miner)).toEqual([]);
});

it('nothing is done, or served, before it is final', async () => {
  const miner = miners.Lag;
  await server.setFinality(5);
  const { digest } = await miner.seal();
  const publication = miner.publisher(chain).publishQueue();
  await expect.poll(() => chain.heldCommit(NETUID, miner.signer.address), PATIENT).not.toBeNull();
  await server.newBlocks(4);
  expect(await Promise.race([publication, soon()])).toBe('not yet');
  expect(await miner.outbox.releasedAt(digest)).toBeNull();
  await server.newBlocks(1);
  const result = await publication;
  expect(result).toMatchObject({ status: 'committed', manifests: 1, anchor: digest });
  expect(await miner.outbox.releasedAt(digest)).toBe(result.status === 'committed' ? result.block : null);
  expect(await faults(miner)).toEqual([]);
});

it.each([
  ['Requeue', 'requeue'],
  ['Drop', 'drop'],
] as const)('a reorganisation (%s) in between leaves one commitment, where it is final', async (name, transactions) => {
  const miner = miners[name];
  await server.setFinality(6);
  await miner.seal();
  const publication = miner.publisher(chain).publishQueue();
  await expect.poll(() => chain.heldCommit(NETUID, miner.signer.address), PATIENT).not.toBeNull();
  const first = await chain.heldCommit(NETUID, miner.signer.address);
  const head = await chain.head();
  await server.reorganise({ depth: head.number - (first?.block ?? 0) + 1, transactions });
  const result = await untilDone(publication);
  expect(result.status).toBe('committed');
  await server.setFinality(0);
  expect(await faults(miner)).toEqual([]);
});

describe('a budget that is used up', () => {
  it('makes the 32nd commitment of an epoch wait, and anchors by one what has piled up', async () => {
    const miner = miners.Budget;
    await nextEpoch();
    for (let count = 0; count < 31; count++) {
      await miner.seal();
      expect(await miner.publisher(chain).publishQueue()).toMatchObject({ status: 'committed', manifests: 1 });
    }
    await miner.seal();
    const { nextStartBlock } = await chain.epoch(NETUID);
    const waiting = { status: 'waiting', untilBlock: nextStartBlock };
    expect(await miner.publisher(chain).publishQueue()).toMatchObject({
      ...waiting,
      why: expect.stringContaining('3100 of 3100 bytes are used') as string,
    });
    for (let count = 0; count < 10; count++) await miner.seal();
    expect(await miner.publisher(chain).publishQueue()).toMatchObject(waiting);
    expect(await seqsOnChain(miner)).toHaveLength(31);

    await nextEpoch();
    expect(await miner.publisher(chain).publishQueue()).toMatchObject({ status: 'committed', manifests: 9 });
    expect(await miner.publisher(chain).publishQueue()).toMatchObject({ status: 'committed', manifests: 2 });
    expect(await miner.publisher(chain).publishQueue()).toEqual({ status: 'empty' });
    expect((await seqsOnChain(miner)).slice(-3)).toEqual([30, 39, 41]);
    expect(await faults(miner)).toEqual([]);
  });

  it('has each commitment proved beside its manifest', async () => {
    const miner = miners.Budget;
    const publisher = miner.publisher(chain);
    expect(await publisher.proveCommits()).toEqual({ proved: 33 });
    expect(await publisher.proveCommits()).toEqual({ proved: 0 });
    for (const { proof, block } of await miner.outbox.commits()) {
      const stored = JSON.parse(new TextDecoder().decode(await miner.store.get(proof ?? ''))) as object;
      expect(stored).toMatchObject({ hotkey: miner.signer.address, netuid: NETUID, block });
    }
  });
});

async function drain(miner: TestMiner, connection: Chain): Promise<void> {
  while ((await miner.publisher(connection).publishQueue()).status === 'committed');
}

async function nextEpoch(): Promise<void> {
  await server.newBlocks((await chain.epoch(NETUID)).nextStartBlock - (await chain.head()).number);
}

async function nextEpochIfFull(miner: TestMiner): Promise<void> {
  const { usedBytes, maxBytes } = await chain.budget(NETUID, miner.signer.address);
  if (maxBytes - usedBytes < 300) await nextEpoch();
}

function soon(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('not yet'), 500));
}

/** Builds blocks until a publication is final. */
async function untilDone(publication: Promise<PublishResult>): Promise<PublishResult> {
  for (;;) {
    await server.newBlocks(1);
    const result = await Promise.race([publication, soon()]);
    if (typeof result !== 'string') return result;
  }
}
