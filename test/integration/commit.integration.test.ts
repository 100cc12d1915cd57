import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WsProvider } from '@polkadot/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { decodeCommitment, encodeCommitment } from '../../src/commit/commitment.ts';
import { createWallet, openDevelopmentKey, openWallet } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { normalizeWeights, weightShares } from '../../src/commit/weights.ts';
import type { BlockRef, ChainCommit, Signer } from '../../src/core/chain.ts';
import { cloneRoot, readParts } from '../../stack/parts.ts';
import { startChainProxy } from '../commit/support/chain-proxy.ts';
import { chainHistory } from '../commit/support/test-miner.ts';
import { publishManifest } from '../commit/support/publish-one.ts';
import type { OneManifest } from '../commit/support/publish-one.ts';

const TEMPO = 40;
const TAO = 1_000_000_000;
const NAMES = ['Coldkey', 'Miner', 'Rival', 'Killed', 'Cut', 'Filler', 'Validator', 'Stranger', 'Double'] as const;

let dir: string;
let server: DevelopmentChain;
let chain: Chain;
let keys: Record<(typeof NAMES)[number], Signer>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-commit-'));
  const entries = await Promise.all(
    NAMES.map(async (name) => [name, await openDevelopmentKey({ uri: `//${name}`, development: true })] as const),
  );
  keys = Object.fromEntries(entries) as typeof keys;
  const owner = keys.Coldkey.address;
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'instant' },
    log: () => undefined,
    genesis: {
      endowed: entries.map(([, { address }]) => ({ address, rao: 1000 * TAO })),
      sudo: owner,
      subnets: [{ netuid: 1, owner, tempo: TEMPO, weightsSetRateLimit: 5, servingRateLimit: 0, minAllowedWeights: 2 }],
    },
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  for (const name of ['Miner', 'Rival', 'Killed', 'Cut', 'Filler', 'Validator', 'Double'] as const) {
    await chain.register({ netuid: 1, hotkey: keys[name].address, signer: keys.Coldkey });
  }
});

afterAll(async () => {
  await chain.close();
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

function requestOf(seq: number, digit = 'a'): OneManifest {
  return { manifestDigest: digit.repeat(64), manifest: { seq, rows: 10 }, locator: '', netuid: 1 };
}

async function emptyBlocks(count: number): Promise<void> {
  const provider = new WsProvider(server.endpoint);
  await provider.isReady;
  await provider.send('dev_newBlock', [{ count }]);
  await provider.disconnect();
}

async function everyCommit(miner: string): Promise<ChainCommit[]> {
  return (await chainHistory(chain)).filter(({ hotkey }) => hotkey === miner);
}

/** Commitments that a hotkey made in this epoch, by the chain's own count of bytes. */
async function committed(hotkey: string): Promise<number> {
  return (await chain.budget(1, hotkey)).usedBytes / 100;
}

/** Asks a client of somebody else's. */
async function judge(script: string, ...args: string[]): Promise<unknown> {
  const file = join(cloneRoot, 'test', 'judges', script);
  const env = { ...process.env, PYTHONPATH: readParts().python?.packages ?? process.env['PYTHONPATH'] };
  const { stdout } = await promisify(execFile)('python3', [file, server.endpoint, '1', ...args], {
    env,
    timeout: 100_000,
  });
  return JSON.parse(stdout);
}

describe('commitments', () => {
  it('are read back at their block, by us and by an independent client', async () => {
    const hotkey = keys.Miner.address;
    const outcomes = [];
    for (const seq of [0, 1]) {
      outcomes.push(await publishManifest({ chain, signer: keys.Miner }, requestOf(seq, String(seq))));
    }
    const commits = await everyCommit(hotkey);
    expect(commits.map(({ block, event }) => ({ status: 'committed', block, event }))).toEqual(outcomes);
    expect(commits.map(({ data }) => decodeCommitment(data))).toMatchObject([
      { kind: 'manifest', manifest: '0'.repeat(64), seq: 0, rows: 10, locator: '' },
      { kind: 'manifest', manifest: '1'.repeat(64), seq: 1, rows: 10, locator: '' },
    ]);
    const [first, second] = commits.map(({ block }) => block);
    if (first === undefined || second === undefined) throw new Error('two commitments are due');
    expect(await chain.commitmentAt(1, hotkey, first - 1)).toBeNull();
    const places = [first - 1, first, second].map((block) => ({ hotkey, block }));
    expect(await judge('read_commitments.py', JSON.stringify(places))).toEqual([
      null,
      ...commits.map(({ data }) => data),
    ]);
    const neuron = (await chain.metagraph(1)).find((item) => item.hotkey === hotkey);
    expect(commits[0]).toMatchObject({ uid: neuron?.uid, registered: neuron?.registered, netuid: 1 });
    expect(await chain.registeredBlock(1, hotkey)).toBe(neuron?.registered);
  });

  it('are refused from a hotkey that is not registered', async () => {
    await expect(publishManifest({ chain, signer: keys.Stranger }, requestOf(0))).rejects.toThrow(
      expect.objectContaining({ name: 'NotRegistered', remedy: 'never' }),
    );
  });

  it('are made once when two publish the same manifest at once', async () => {
    const other = await connectChain({ endpoints: [server.endpoint] });
    try {
      const [a, b, c] = await Promise.all([
        publishManifest({ chain, signer: keys.Rival }, requestOf(0)),
        publishManifest({ chain: other, signer: keys.Rival }, requestOf(0)),
        publishManifest({ chain, signer: keys.Rival }, requestOf(0)),
      ]);
      expect(a.status).toBe('committed');
      expect([b, c]).toEqual([a, a]);
      expect(await committed(keys.Rival.address)).toBe(1);
    } finally {
      await other.close();
    }
  });

  it('are made once when the process is killed between submission and result', async () => {
    const proxy = await startChainProxy(server.endpoint);
    try {
      const script = join(cloneRoot, 'test', 'commit', 'support', 'publish-process.ts');
      const args = ['--import', 'tsx', script, proxy.endpoint, '//Killed', JSON.stringify(requestOf(0))];
      const swallowed = proxy.swallowSubmission();
      const child = spawn(process.execPath, args, { cwd: cloneRoot, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      await swallowed;
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);

      const again = await promisify(execFile)(process.execPath, args, { cwd: cloneRoot });
      const [commit, ...more] = await everyCommit(keys.Killed.address);
      expect(more).toEqual([]);
      expect(JSON.parse(again.stdout)).toEqual({ status: 'committed', block: commit?.block, event: commit?.event });
      expect(proxy.submissions).toBe(1);
    } finally {
      await proxy.close();
    }
  });

  it('are made once when the socket is lost between submission and result', async () => {
    const proxy = await startChainProxy(server.endpoint);
    const unlucky = await connectChain({ endpoints: [proxy.endpoint] });
    try {
      const swallowed = proxy.swallowSubmission();
      const publication = publishManifest({ chain: unlucky, signer: keys.Cut }, requestOf(0));
      await swallowed;
      proxy.cut();
      const [commit, ...more] = [await publication, ...(await everyCommit(keys.Cut.address)).slice(1)];
      expect(more).toEqual([]);
      expect(commit.status).toBe('committed');
      expect(await committed(keys.Cut.address)).toBe(1);

      // Calls that add up are not repeated either, although nothing on chain tells one from another.
      const stakeBefore = await stakeOf(keys.Double);
      const swallowedStake = proxy.swallowSubmission();
      const staked = unlucky.addStake({
        netuid: 1,
        hotkey: keys.Double.address,
        rao: BigInt(3 * TAO),
        signer: keys.Double,
      });
      const result = expect(staked).resolves.toMatchObject({ event: expect.any(Number) as number });
      await swallowedStake;
      proxy.cut();
      await result;
      expect((await stakeOf(keys.Double)) - stakeBefore).toBe(BigInt(3 * TAO));
    } finally {
      await unlucky.close();
      await proxy.close();
    }
  });

  it('wait for the next epoch when the bytes are used up, and say so', async () => {
    await emptyBlocks((await chain.epoch(1)).nextStartBlock - (await chain.head()).number);
    const signer = keys.Filler;
    const before = await chain.budget(1, signer.address);
    expect(before).toMatchObject({ usedBytes: 0, maxBytes: 3100 });
    expect(before.refillsAtBlock - before.atBlock).toBeGreaterThan(31);
    for (let seq = 0; seq < 31; seq++) await chain.commit({ netuid: 1, data: textOf(seq), signer });
    const full = await publishManifest({ chain, signer }, requestOf(31));
    expect(full).toEqual({
      status: 'waiting',
      refillsAtBlock: before.refillsAtBlock,
      usedBytes: 3100,
      maxBytes: 3100,
      why: expect.stringContaining(`from block ${before.refillsAtBlock} on`) as string,
    });
    await expect(chain.commit({ netuid: 1, data: textOf(32), signer })).rejects.toThrow(
      expect.objectContaining({ name: 'SpaceLimitExceeded', remedy: 'wait' }),
    );
    await emptyBlocks(before.refillsAtBlock - 1 - (await chain.head()).number);
    expect(await publishManifest({ chain, signer }, requestOf(31))).toMatchObject({
      status: 'committed',
      block: before.refillsAtBlock,
    });
    expect(await chain.budget(1, signer.address)).toMatchObject({ usedBytes: 100, epoch: before.epoch + 1 });
    await expect(chain.commit({ netuid: 1, data: textOf(31), signer })).resolves.toBeDefined();
  });

  function textOf(seq: number): string {
    return encodeCommitment({ manifest: '7'.repeat(64), seq, rows: 10, locator: '' });
  }
});

async function stakeOf({ address }: Signer): Promise<bigint> {
  return (await chain.metagraph(1)).find(({ hotkey }) => hotkey === address)?.stake ?? 0n;
}

describe('axons', () => {
  it('are served, and not again when nothing changed', async () => {
    const axon = { netuid: 1, ip: '127.0.0.1', port: 8091, signer: keys.Miner };
    expect(await chain.serveAxon(axon)).not.toBeNull();
    expect(await chain.serveAxon(axon)).toBeNull();
    expect(await chain.serveAxon({ ...axon, port: 8092 })).not.toBeNull();
    const neuron = (await chain.metagraph(1)).find(({ hotkey }) => hotkey === keys.Miner.address);
    expect(neuron?.axon).toEqual({ ip: '127.0.0.1', port: 8092 });
  });

  it('are refused with the name of the reason', async () => {
    const wrong = chain.serveAxon({ netuid: 1, ip: '255.255.255.255', port: 8091, signer: keys.Miner });
    await expect(wrong).rejects.toThrow(/InvalidTransaction::Custom\(11\).*IP address/);
  });
});

describe('weights', () => {
  it('say what keeps them from being set, and are set once it passed', async () => {
    const signer = keys.Validator;
    const wire = normalizeWeights([
      { uid: 0, weight: 600_000_000 },
      { uid: 1, weight: 300_000_000 },
      { uid: 2, weight: 100_000_000 },
    ]);
    const request = { netuid: 1, uids: wire.uids, weights: wire.values, versionKey: 0 };
    await expect(chain.setWeights({ ...request, signer })).rejects.toThrow(
      expect.objectContaining({
        name: 'WeightsRefused',
        message: expect.stringMatching(/no validator permit/) as string,
      }),
    );
    await chain.addStake({ netuid: 1, hotkey: signer.address, rao: BigInt(10 * TAO), signer: keys.Coldkey });
    const waiting = await chain.weightObstacles(request, signer.address);
    const { nextStartBlock } = await chain.epoch(1);
    expect(waiting).toEqual([expect.objectContaining({ rule: 'permit', passesAtBlock: nextStartBlock })]);
    await emptyBlocks(nextStartBlock - (await chain.head()).number);
    expect(await chain.weightObstacles(request, signer.address)).toEqual([]);

    const { block } = await chain.setWeights({ ...request, signer });
    const neuron = (await chain.metagraph(1)).find(({ hotkey }) => hotkey === signer.address);
    expect(neuron).toMatchObject({ validatorPermit: true, lastUpdate: block.number });
    const held = await chain.weights(1, neuron?.uid ?? -1, block.number);
    expect(held).toEqual(wire.uids.map((uid, at) => [uid, wire.values[at]]));
    expect(await judge('read_weights.py', String(neuron?.uid), String(block.number))).toEqual(held);
    const shares = [...weightShares(held).values()];
    for (const [at, share] of [0.6, 0.3, 0.1].entries()) expect(shares[at]).toBeCloseTo(share, 4);

    expect((await chain.setWeights({ ...request, signer })).block).toEqual(block);
    const others = { ...request, weights: [...request.weights].reverse(), signer };
    await expect(chain.setWeights(others)).rejects.toThrow(
      expect.objectContaining({ name: 'WeightsRefused', remedy: 'wait' }),
    );
  });
});

describe('the client', () => {
  it('follows finality and tells the time of blocks', async () => {
    const heads: BlockRef[] = [];
    const stop = await chain.onFinalized((head) => heads.push(head));
    const before = (await chain.finalized()).number;
    await emptyBlocks(1);
    await expect.poll(() => heads.at(-1)?.number).toBe(before + 1);
    stop();
    const [earlier, later] = [await chain.blockHash(before), await chain.blockHash(before + 1)];
    expect(heads.at(-1)?.hash).toBe(later);
    const times = [await chain.timestamp(earlier), await chain.timestamp(later)];
    expect(times[1]).toBeGreaterThan(times[0] ?? Infinity);
    expect(new Date((times[0] ?? 0) / 1000).getUTCFullYear()).toBeGreaterThanOrEqual(2026);
  });

  it('comes back after the node did, and says when it stays away', async () => {
    const proxy = await startChainProxy(server.endpoint);
    const client = await connectChain({ endpoints: [proxy.endpoint], patienceMs: 2000 });
    try {
      proxy.cut();
      expect(await client.finalized()).toEqual(await chain.finalized());
      await proxy.close();
      await expect(client.finalized()).rejects.toThrow(
        expect.objectContaining({ name: 'ChainUnreachable', remedy: 'retry', exitCode: 3 }),
      );
    } finally {
      await client.close();
    }
    await expect(connectChain({ endpoints: [proxy.endpoint], patienceMs: 200 })).rejects.toThrow(/no node answers/);
    await expect(connectChain({ endpoints: ['http://127.0.0.1:1'] })).rejects.toThrow(/not a ws/);
  });

  it('signs with a hotkey from a wallet folder', async () => {
    const { address } = await createWallet({ path: dir, name: 'miner', hotkey: 'default' });
    await chain.register({ netuid: 1, hotkey: address, signer: keys.Coldkey });
    const { hotkey } = await openWallet({ path: dir, name: 'miner', hotkey: 'default' });
    // It has never held TAO: whether that is refused is up to the chain, but never silently.
    const outcome = await publishManifest({ chain, signer: hotkey }, requestOf(0)).catch((error: unknown) => error);
    const seen = await everyCommit(address);
    if (outcome instanceof Error) expect(outcome.message).toMatch(/never held TAO/);
    else expect(seen).toHaveLength(1);
  });
});
