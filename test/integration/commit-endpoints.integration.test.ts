import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { verifyCommitProof } from '../../src/commit/proof/verify.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import type { Signer } from '../../src/core/chain.ts';
import { startCuttingProxy } from '../commit/support/cutting-proxy.ts';
import { startOtherChain } from '../commit/support/other-chain.ts';

/*
 * Several endpoints, one of which may be lost, be of another chain or have let go of old states.
 */

const TAO = 1_000_000_000;
const STATE_BLOCKS = 5;

let dir: string;
let server: DevelopmentChain;
let owner: Signer;
let chain: Chain;
let archive: string;
/** A block whose state the node has let go of, with the owner's commitment. */
let old: { block: number; data: string };

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-endpoints-'));
  owner = await openDevelopmentKey({ uri: '//Alice', development: true });
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'instant' },
    log: () => undefined,
    stateBlocks: STATE_BLOCKS,
    archivePort: 0,
    genesis: {
      endowed: [{ address: owner.address, rao: 1000 * TAO }],
      sudo: owner.address,
      subnets: [{ netuid: 1, owner: owner.address, tempo: 360 }],
      neurons: [{ netuid: 1, hotkey: owner.address, coldkey: owner.address, stakeRao: TAO }],
    },
  });
  if (server.archiveEndpoint === undefined) throw new Error('the chain has no archive port');
  archive = server.archiveEndpoint;
  chain = await connectChain({ endpoints: [server.endpoint] });
  const { block } = await chain.commit({ netuid: 1, data: 'first', signer: owner });
  old = { block: block.number, data: 'first' };
  await chain.commit({ netuid: 1, data: 'second', signer: owner });
  await server.newBlocks(STATE_BLOCKS + 2);
});

afterAll(async () => {
  await chain.close();
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

describe('several endpoints', () => {
  it('are tried in turn, and the next is used where one is lost', async () => {
    const [first, second] = [await startCuttingProxy(server.endpoint), await startCuttingProxy(server.endpoint)];
    const log: string[] = [];
    const client = await connectChain({
      endpoints: ['ws://127.0.0.1:1', first.endpoint, second.endpoint],
      log: (line) => log.push(line),
      patienceMs: 10_000,
    });
    try {
      expect(log.at(-1)).toBe(`chain: connected to ${first.endpoint}`);
      await first.close();
      expect(await client.heldCommit(1, owner.address)).toMatchObject({ kind: 'text', data: 'second', round: null });
      expect(log.at(-1)).toBe(`chain: connected to ${second.endpoint}`);
      const made = await client.commit({ netuid: 1, data: 'third', signer: owner });
      expect(await chain.commit({ netuid: 1, data: 'third', signer: owner })).toEqual(made);
    } finally {
      await client.close();
      await second.close();
    }
  });

  it('are all named when none answers', async () => {
    const endpoints = ['ws://127.0.0.1:1', 'ws://127.0.0.1:2'];
    await expect(connectChain({ endpoints, patienceMs: 500 })).rejects.toThrow(
      expect.objectContaining({
        name: 'ChainUnreachable',
        remedy: 'retry',
        message: expect.stringMatching(/127\.0\.0\.1:1 .*127\.0\.0\.1:2 /) as string,
      }),
    );
  });

  it('are refused by name where they are of another chain', async () => {
    const other = await startOtherChain({ dir: join(dir, 'other') });
    const proxy = await startCuttingProxy(server.endpoint);
    const log: string[] = [];
    const endpoints = [proxy.endpoint, other.endpoint];
    const client = await connectChain({ endpoints, log: (line) => log.push(line), patienceMs: 10_000 });
    try {
      proxy.cut();
      expect(await client.blockHash(old.block)).toBe(await chain.blockHash(old.block));
      expect(log.filter((line) => line.includes(other.endpoint))).toEqual([
        expect.stringMatching(/is on another chain: its genesis hash is 0x[0-9a-f]{64}, not 0x[0-9a-f]{64}/),
      ]);
    } finally {
      await client.close();
      await proxy.close();
      await other.close();
    }
  }, 60_000);
});

describe('states that the node has let go of', () => {
  it('are read from the archive', async () => {
    const client = await connectChain({ endpoints: [server.endpoint], archive });
    try {
      expect(await client.commitmentAt(1, owner.address, old.block)).toBe(old.data);
      expect(await client.commitsIn(1, old.block)).toMatchObject([{ data: old.data, hotkey: owner.address }]);
      const hash = await client.blockHash(old.block);
      expect(await client.timestamp(hash)).toBeLessThan(Date.now() * 1000);
      expect((await client.metagraph(1, old.block)).map(({ hotkey }) => hotkey)).toEqual([owner.address]);
    } finally {
      await client.close();
    }
  });

  it('need one, by the name of the setting', async () => {
    for (const read of [
      chain.commitmentAt(1, owner.address, old.block),
      chain.commitsIn(1, old.block),
      chain.timestamp(await chain.blockHash(old.block)),
      chain.proveCommit({ netuid: 1, hotkey: owner.address, block: old.block }),
    ]) {
      await expect(read).rejects.toThrow(
        expect.objectContaining({
          name: 'ChainStateDiscarded',
          message: expect.stringContaining('subtensor.archive') as string,
        }),
      );
    }
  });

  it('are proved by the archive', async () => {
    const client = await connectChain({ endpoints: [server.endpoint], archive });
    try {
      const proof = await client.proveCommit({ netuid: 1, hotkey: owner.address, block: old.block });
      expect(verifyCommitProof(proof)).toMatchObject({ block: old.block, data: old.data, madeAt: old.block });
    } finally {
      await client.close();
    }
  });

  it('are not asked of an archive of another chain', async () => {
    const other = await startOtherChain({ dir: join(dir, 'archive') });
    const client = await connectChain({ endpoints: [server.endpoint], archive: other.endpoint, patienceMs: 5000 });
    try {
      await expect(client.commitmentAt(1, owner.address, old.block)).rejects.toThrow(
        expect.objectContaining({ name: 'ForeignEndpoint' }),
      );
    } finally {
      await client.close();
      await other.close();
    }
  }, 60_000);
});

describe('proofs', () => {
  it('show a commitment to whoever knows the hash of its block, and nothing that was changed', async () => {
    const { block } = await chain.commit({ netuid: 1, data: 'proved', signer: owner });
    const proof = await chain.proveCommit({ netuid: 1, hotkey: owner.address, block: block.number });
    expect(proof.needsArchive).toBe(false);
    const kept = JSON.parse(JSON.stringify(proof)) as typeof proof;
    expect(verifyCommitProof(kept)).toEqual({
      blockHash: block.hash,
      block: block.number,
      netuid: 1,
      hotkey: owner.address,
      data: 'proved',
      madeAt: block.number,
      extrinsic: proof.extrinsic?.index,
    });
    expect(proof.extrinsic?.bytes).toContain(Buffer.from('proved').toString('hex'));
    const stranger = await openDevelopmentKey({ uri: '//Bob', development: true });
    const extrinsic = { index: 0, bytes: proof.extrinsic?.bytes ?? '', nodes: proof.extrinsic?.nodes ?? [] };
    for (const lie of [
      { data: 'other' },
      { hotkey: stranger.address },
      { netuid: 2 },
      { block: block.number + 1 },
      { blockHash: `0x${'1'.repeat(64)}` },
      { header: `${proof.header.slice(0, -2)}ff` },
      { state: proof.state?.slice(1) ?? null },
      { extrinsic },
    ]) {
      expect(() => verifyCommitProof({ ...kept, ...lie }), Object.keys(lie).join()).toThrow(
        expect.objectContaining({ name: 'ProofInvalid' }),
      );
    }
    expect(() => verifyCommitProof({ ...kept, state: null, needsArchive: true })).toThrow(
      expect.objectContaining({ name: 'ProofNeedsArchive' }),
    );
  });

  it('stand at later blocks without the extrinsic, and at none before', async () => {
    const [later] = [(await chain.head()).number, await server.newBlocks(1)];
    const proof = await chain.proveCommit({ netuid: 1, hotkey: owner.address, block: later + 1 });
    expect(verifyCommitProof(proof)).toMatchObject({ block: later + 1, data: 'proved', extrinsic: null });
    const stranger = await openDevelopmentKey({ uri: '//Bob', development: true });
    const none = chain.proveCommit({ netuid: 1, hotkey: stranger.address, block: later });
    await expect(none).rejects.toThrow(/held no commitment/);
  });
});
