import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain, ChainOptions } from '../../chain/server.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import type { Signer } from '../../src/core/chain.ts';
import { startChainProxy } from '../commit/support/chain-proxy.ts';
import { startCuttingProxy } from '../commit/support/cutting-proxy.ts';
import type { CutSide } from '../commit/support/cutting-proxy.ts';
import { nonceOf } from '../commit/support/nonce.ts';

/*
 * Every signing call, with everything that can come between it and a final block. The rules of the chain here let anybody do everything twice,
 * so that the account's nonce tells how often it was done.
 */

const TAO = 1_000_000_000;
/** A subnet that takes weights as they are, and one that wants them committed first. */
const PLAIN = 1;
const COMMITTED = 2;

let options: ChainOptions;
let server: DevelopmentChain;
let chain: Chain;
let owner: Signer;
/** A subnet takes ten unrevealed commits of each in an epoch. */
let validators: Signer[];
let made = 0;

beforeAll(async () => {
  owner = await openDevelopmentKey({ uri: '//Alice', development: true });
  validators = await Promise.all(
    Array.from({ length: 16 }, (_, at) => openDevelopmentKey({ uri: `//Alice//${at}`, development: true })),
  );
  const keys = [owner, ...validators].map(({ address }) => address);
  const subnet = { owner: owner.address, tempo: 20_000, weightsSetRateLimit: 0, servingRateLimit: 0 };
  options = {
    dir: join(await mkdtemp(join(tmpdir(), 'seine-outages-')), 'chain'),
    port: 0,
    blocks: { mode: 'instant' },
    log: () => undefined,
    genesis: {
      endowed: keys.map((address) => ({ address, rao: 10_000 * TAO })),
      sudo: owner.address,
      maxSpace: 1_000_000,
      subnets: [
        { ...subnet, netuid: PLAIN },
        { ...subnet, netuid: COMMITTED, commitReveal: true },
      ],
      neurons: [PLAIN, COMMITTED].flatMap((netuid) =>
        keys.map((hotkey) => ({ netuid, hotkey, coldkey: owner.address, stakeRao: TAO })),
      ),
    },
  };
  server = await startChain(options);
  chain = await connectChain({ endpoints: [server.endpoint] });
});

afterEach(() => server.setFinality(0));

afterAll(async () => {
  await chain.close();
  await server.close();
  await rm(join(options.dir, '..'), { recursive: true, force: true });
});

interface Call {
  name: string;
  signer: (round: number) => Signer;
  /** Makes the call and gives the block in which it stands. `since` is a block before it. */
  make: (by: Chain, round: number, since: number) => Promise<number>;
  /** Whether the chain shows, at a block, what the call was for. */
  stands: (round: number, block: number) => Promise<boolean>;
}

const textOf = (round: number): string => `seine-test-${round}`;
/** Neurons are the owner and then the validators, so that each has the uid of its place. */
const validatorOf = (round: number): { uid: number; signer: Signer } => {
  const place = round % validators.length;
  return { uid: 1 + place, signer: validators[place] ?? owner };
};

const CALLS: Call[] = [
  {
    name: 'commit',
    signer: () => owner,
    make: async (by, round) => (await by.commit({ netuid: PLAIN, data: textOf(round), signer: owner })).block.number,
    stands: async (round, block) => (await chain.heldCommit(PLAIN, owner.address, block))?.data === textOf(round),
  },
  {
    name: 'plain weights',
    signer: () => owner,
    make: async (by, round, since) => {
      // The chain scales the largest weight to 65535, and keeps what has that already.
      const request = { netuid: PLAIN, uids: [0, 1], weights: [65_535, round], versionKey: 0, since };
      const set = await by.setWeights({ ...request, signer: owner });
      expect(set).toMatchObject({ road: 'plain', revealRound: null });
      return set.block.number;
    },
    stands: async (round, block) => (await chain.weights(PLAIN, 0, block))[1]?.[1] === round,
  },
  {
    name: 'time-locked weights',
    signer: (round) => validatorOf(round).signer,
    make: async (by, round, since) => {
      const { uid, signer } = validatorOf(round);
      const request = { netuid: COMMITTED, uids: [uid], weights: [65_535], versionKey: 0, since };
      const set = await by.setWeights({ ...request, signer });
      expect(set).toMatchObject({ road: 'timelocked', revealRound: expect.any(Number) as number });
      return set.block.number;
    },
    stands: async (round, block) => {
      const { uid } = validatorOf(round);
      return (await chain.metagraph(COMMITTED, block))[uid]?.lastUpdate === block;
    },
  },
  {
    name: 'stake',
    signer: () => owner,
    make: async (by) => {
      const request = { netuid: PLAIN, hotkey: owner.address, rao: BigInt(TAO), signer: owner };
      return (await by.addStake(request)).block.number;
    },
    stands: async (_, block) => {
      const stakeAt = async (at: number): Promise<bigint> => (await chain.metagraph(PLAIN, at))[0]?.stake ?? 0n;
      return (await stakeAt(block)) - (await stakeAt(block - 1)) === BigInt(TAO);
    },
  },
];

interface Meanwhile {
  /** How often the account had signed before. */
  nonce: number;
  signer: Signer;
  /** Whether the call has ended. */
  ended: () => boolean;
}

/** Makes a call once more and says what is wrong: nothing, where it was done exactly once and is final. */
async function faultOf(
  call: Call,
  by: Chain,
  meanwhile: (what: Meanwhile) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const round = ++made;
  const signer = call.signer(round);
  const nonce = await nonceOf(server.endpoint, signer.address);
  const since = (await chain.head()).number;
  let ended = false;
  const making = call.make(by, round, since).finally(() => (ended = true));
  const [block] = await Promise.all([making, meanwhile({ nonce, signer, ended: () => ended })]);
  if ((await chain.finalized()).number < block) return `block ${block} is not final`;
  if (!(await call.stands(round, block))) return 'the chain does not show it';
  const times = (await nonceOf(server.endpoint, signer.address)) - nonce;
  return times === 1 ? '' : `it was done ${times} times`;
}

/** Waits until the call is in the best block. */
async function included({ nonce, signer }: Meanwhile): Promise<void> {
  await expect.poll(() => nonceOf(server.endpoint, signer.address), { timeout: 90_000 }).toBe(nonce + 1);
}

describe.each(CALLS)('$name', (call) => {
  it.each(['before', 'after'] satisfies CutSide[])(
    'is done once, although the connection is cut %s a request',
    async (side) => {
      const proxy = await startCuttingProxy(server.endpoint);
      const unlucky = await connectChain({ endpoints: [proxy.endpoint] });
      const methods = new Set<string>();
      // Every request of one call, some of the others: what they do between looking and being final is the same.
      const step = call.name === 'commit' && side === 'after' ? 1 : 5;
      try {
        for (let request = 1; ; request += step) {
          void proxy.cutAt(request, side).then((method) => methods.add(method));
          expect(await faultOf(call, unlucky), `cut ${side} request ${request}`).toBe('');
          if (proxy.disarm()) break;
        }
      } finally {
        await unlucky.close();
        await proxy.close();
      }
      if (step > 1) return;
      expect([...methods]).toEqual(expect.arrayContaining(['author_submitExtrinsic', 'chain_getFinalizedHead']));
    },
    240_000,
  );

  it('is done once, although the answer to its submission is lost', async () => {
    const proxy = await startChainProxy(server.endpoint);
    const unlucky = await connectChain({ endpoints: [proxy.endpoint] });
    try {
      const swallowed = proxy.swallowSubmission();
      const fault = await faultOf(call, unlucky, async () => {
        await swallowed;
        proxy.cut();
      });
      expect(fault).toBe('');
    } finally {
      await unlucky.close();
      await proxy.close();
    }
  }, 60_000);

  it('waits for a finality that lags', async () => {
    await server.setFinality(4);
    const fault = await faultOf(call, chain, async (what) => {
      await included(what);
      expect(what.ended()).toBe(false);
      await server.newBlocks(5);
    });
    expect(fault).toBe('');
  }, 60_000);

  it.each(['requeue', 'drop'] as const)(
    'is done once where its block is replaced and its transaction meets %s',
    async (transactions) => {
      await server.setFinality(20);
      const fault = await faultOf(call, chain, async (what) => {
        await included(what);
        await server.reorganise({ depth: 1, transactions });
        await server.setFinality(2);
        while (!what.ended()) {
          await server.newBlocks(1);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      });
      expect(fault).toBe('');
    },
    60_000,
  );

  it('outlives a restart of the node', async () => {
    const { port } = new URL(server.endpoint);
    await server.setFinality(5);
    const fault = await faultOf(call, chain, async (what) => {
      await included(what);
      await server.close();
      server = await startChain({ ...options, port: Number(port) });
      await server.setFinality(0);
      await server.newBlocks(1);
    });
    expect(fault).toBe('');
  }, 60_000);
});

it.each(CALLS.slice(0, 3))('$name made again by another process changes nothing', async (call) => {
  const round = ++made;
  const since = (await chain.head()).number;
  const block = await call.make(chain, round, since);
  const { address } = call.signer(round);
  const nonce = await nonceOf(server.endpoint, address);
  const other = await connectChain({ endpoints: [server.endpoint] });
  try {
    expect(await call.make(other, round, since)).toBe(block);
    expect(await nonceOf(server.endpoint, address)).toBe(nonce);
  } finally {
    await other.close();
  }
});
