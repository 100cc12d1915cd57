import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import type { Chain, PlannedCall } from '../../src/commit/chain-port.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { encryptCommitment } from '../../src/commit/timelock/commitment-payload.ts';
import type { Signer } from '../../src/core/chain.ts';
import { roundAt, timeOfRound } from '../../src/core/drand/beacon.ts';
import { nonceOf } from '../commit/support/nonce.ts';

const TAO = 1_000_000_000;
const TEMPO = 30;

let dir: string;
let server: DevelopmentChain;
let chain: Chain;
let owner: Signer;
let validator: Signer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-timelock-'));
  [owner, validator] = await Promise.all([
    openDevelopmentKey({ uri: '//Alice', development: true }),
    openDevelopmentKey({ uri: '//Bob', development: true }),
  ]);
  const subnet = { netuid: 1, owner: owner.address, tempo: TEMPO, weightsSetRateLimit: TEMPO, commitReveal: true };
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'instant' },
    log: () => undefined,
    genesis: {
      endowed: [owner, validator].map(({ address }) => ({ address, rao: 1000 * TAO })),
      sudo: owner.address,
      beacon: { periodSeconds: 1 },
      subnets: [{ ...subnet, weightsVersionKey: 3, minAllowedWeights: 2, maxWeightsLimit: 45_000 }],
      neurons: [owner, validator].map(({ address }) => {
        return { netuid: 1, hotkey: address, coldkey: address, stakeRao: 10 * TAO };
      }),
    },
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  await blocksUntil((await chain.epoch(1)).nextStartBlock);
});

afterAll(async () => {
  await chain.close();
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

async function blocksUntil(block: number): Promise<void> {
  const missing = block - (await chain.head()).number;
  if (missing > 0) await server.newBlocks(missing);
}

/** Waits until a round's signature is out, and in a block. */
async function roundOut(round: number): Promise<void> {
  const beacon = await chain.beacon();
  const inMs = timeOfRound(beacon, round) * 1000 - Date.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, inMs) + 200));
  await server.newBlocks(1);
}

describe('time-locked weights', () => {
  const weights = { netuid: 1, uids: [0, 1], weights: [65_535, 40_000], versionKey: 3 };

  it('are committed, not seen before their round, and then set as they were meant', async () => {
    expect(await chain.weightObstacles(weights, validator.address)).toEqual([]);
    const set = await chain.setWeights({ ...weights, signer: validator });
    expect(set.road).toBe('timelocked');
    expect(set.block.number).toBeLessThanOrEqual((await chain.finalized()).number);
    expect((await chain.metagraph(1))[1]?.lastUpdate).toBe(set.block.number);
    expect(await chain.weights(1, 1)).toEqual([]);

    const limited = await chain.weightObstacles(weights, validator.address);
    const passesAtBlock = set.block.number + TEMPO;
    expect(limited).toEqual([expect.objectContaining({ rule: 'rate_limit', passesAtBlock })]);
    await expect(chain.setWeights({ ...weights, signer: validator })).rejects.toThrow(
      expect.objectContaining({ name: 'WeightsRefused', remedy: 'wait' }),
    );

    const { nextStartBlock } = await chain.epoch(1);
    await blocksUntil(nextStartBlock - 1);
    expect(await chain.weights(1, 1)).toEqual([]);
    if (set.revealRound === null) throw new Error('a round is due');
    await roundOut(set.revealRound);
    await blocksUntil(nextStartBlock + 1);
    expect(await chain.weights(1, 1)).toEqual([
      [0, 65_535],
      [1, 40_000],
    ]);

    // Revealed, they are still known for those that were sent.
    const again = await chain.setWeights({ ...weights, since: set.block.number - 1, signer: validator });
    expect(again).toEqual({ block: set.block, road: 'timelocked', revealRound: null });
  }, 90_000);

  it('are refused for all that would fail at once or when they are revealed', async () => {
    const wrong = { netuid: 1, uids: [1], weights: [65_535], versionKey: 2 };
    const rules = (await chain.weightObstacles(wrong, owner.address)).map(({ rule }) => rule);
    expect(rules).toEqual(['version_key', 'too_few', 'too_large']);
  });
});

describe('time-locked commitments', () => {
  it('hide their text until the round, are revealed by the chain and are sent once', async () => {
    const beacon = await chain.beacon();
    expect(beacon.periodSeconds).toBe(1);
    const round = roundAt(beacon, Date.now() / 1000) + 6;
    const data = encryptCommitment({ text: 'sealed offer', beacon, round });
    const inclusion = await chain.commitTimelocked({ netuid: 1, data, round, signer: owner });
    const nonce = await nonceOf(server.endpoint, owner.address);
    expect(await chain.commitTimelocked({ netuid: 1, data, round, signer: owner })).toEqual(inclusion);
    expect(await nonceOf(server.endpoint, owner.address)).toBe(nonce);
    const held = { kind: 'timelocked', round, data: '', block: inclusion.block.number };
    expect(await chain.heldCommit(1, owner.address)).toEqual(held);
    expect(await chain.commitsIn(1, inclusion.block.number)).toEqual([
      expect.objectContaining({ kind: 'timelocked', round, data: '', hotkey: owner.address, event: inclusion.event }),
    ]);
    expect(await chain.revealedCommits(1, owner.address)).toEqual([]);

    await roundOut(round);
    await server.newBlocks(1);
    const [revealed, ...more] = await chain.revealedCommits(1, owner.address);
    expect(more).toEqual([]);
    expect(revealed?.data).toBe('sealed offer');
    expect(revealed?.block).toBeGreaterThan(inclusion.block.number);
    expect(await chain.heldCommit(1, owner.address)).toBeNull();

    const late = chain.commitTimelocked({ netuid: 1, data, round, signer: owner });
    await expect(late).rejects.toThrow(/round \d+ is out already/);
  }, 60_000);
});

describe('stake', () => {
  it('is added and taken back, to the RAO', async () => {
    const request = { netuid: 1, hotkey: validator.address, rao: BigInt(3 * TAO), signer: validator };
    const stakeNow = async (): Promise<bigint> => (await chain.metagraph(1))[1]?.stake ?? 0n;
    const [stake, balance] = [await stakeNow(), await chain.balance(validator.address)];
    await chain.addStake(request);
    expect(await stakeNow()).toBe(stake + request.rao);
    expect(await chain.balance(validator.address)).toBeLessThanOrEqual(balance - request.rao);
    await chain.removeStake(request);
    expect(await stakeNow()).toBe(stake);
    expect(await chain.balance(validator.address)).toBeGreaterThan(balance - BigInt(TAO));
  });

  it('that is not there is not asked for', async () => {
    const tooMuch = { netuid: 1, hotkey: validator.address, rao: BigInt(5000 * TAO), signer: validator };
    for (const call of [chain.addStake(tooMuch), chain.removeStake(tooMuch)]) {
      await expect(call).rejects.toThrow(expect.objectContaining({ name: 'CallHindered', remedy: 'never' }));
    }
  });
});

describe('plans', () => {
  it('say what would be sent, what it costs and what is in the way, and send nothing', async () => {
    const stranger = await openDevelopmentKey({ uri: '//Stranger', development: true });
    const signer = { address: stranger.address };
    const nonce = await nonceOf(server.endpoint, owner.address);
    const beacon = await chain.beacon();
    const round = roundAt(beacon, Date.now() / 1000) + 60;
    const data = encryptCommitment({ text: 'x', beacon, round });
    const expected: [PlannedCall, string, string[]][] = [
      [{ call: 'commit', netuid: 1, data: 'text', signer }, 'commitments.setCommitment', ['registration']],
      [{ call: 'commitTimelocked', netuid: 1, data, round, signer }, 'commitments.setCommitment', ['registration']],
      [{ call: 'register', netuid: 1, hotkey: signer.address, signer }, 'subtensorModule.burnedRegister', ['balance']],
      [
        { call: 'register', netuid: 9, hotkey: signer.address, signer },
        'subtensorModule.burnedRegister',
        ['subnet', 'balance'],
      ],
      [
        { call: 'addStake', netuid: 1, hotkey: signer.address, rao: 5n, signer },
        'subtensorModule.addStake',
        ['hotkey', 'balance'],
      ],
      [
        { call: 'removeStake', netuid: 1, hotkey: owner.address, rao: 5n, signer: owner },
        'subtensorModule.removeStake',
        [],
      ],
      [{ call: 'serveAxon', netuid: 1, ip: '127.0.0.1', port: 8091, signer: owner }, 'subtensorModule.serveAxon', []],
      [
        { call: 'setWeights', netuid: 1, uids: [0, 1], weights: [9, 8], versionKey: 3, signer: owner },
        'subtensorModule.commitTimelockedWeights',
        [],
      ],
    ];
    for (const [planned, call, rules] of expected) {
      const plan = await chain.plan(planned);
      expect(plan, planned.call).toMatchObject({ call, signer: planned.signer.address, done: false });
      expect(
        plan.obstacles.map(({ rule }) => rule),
        planned.call,
      ).toEqual(rules);
    }
    const stake = await chain.plan({ call: 'removeStake', netuid: 1, hotkey: owner.address, rao: 5n, signer: owner });
    expect(stake.args).toEqual({ hotkey: owner.address, netuid: 1, amountUnstaked: 5 });
    expect(stake.feeRao).toBeGreaterThan(0n);
    expect((await chain.plan({ call: 'commit', netuid: 1, data: 'text', signer: owner })).feeRao).toBe(0n);
    const done = await chain.plan({ call: 'register', netuid: 1, hotkey: owner.address, signer: owner });
    expect(done).toMatchObject({ done: true, obstacles: [] });
    expect(await nonceOf(server.endpoint, owner.address)).toBe(nonce);
  });
});

describe('a subnet', () => {
  it('tells its owner and what it asks of neurons', async () => {
    expect(await chain.subnetOwner(1)).toEqual({ hotkey: owner.address, uid: 0 });
    expect(await chain.hyperparameters(1)).toMatchObject({
      tempo: TEMPO,
      commitReveal: true,
      revealPeriodEpochs: 1,
      weightsVersionKey: 3,
      minAllowedWeights: 2,
      maxWeightsLimit: 45_000,
      weightsRateLimitBlocks: TEMPO,
      burnRao: 500_000n,
    });
    expect(await chain.subnetOwner(9)).toBeNull();
    expect(await chain.hyperparameters(9)).toBeNull();
    expect(chain.shape()).toMatchObject({
      specName: 'node-subtensor',
      maxFields: 3,
      rateLimit: { kind: 'bytes', bytesPerEpoch: 3100 },
      supports: { timelockedCommitments: true, timelockedWeights: true, epochIndex: true, removeStake: true },
    });
  });
});
