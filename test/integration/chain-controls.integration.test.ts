import '../../chain/quiet.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProof } from '@acala-network/chopsticks-core';
import { hexToString } from '@polkadot/util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChain, type Chain, type ChainOptions } from '../../chain/server.ts';
import { ChainClient, keyOf, TAO } from '../chain/support/chain-client.ts';

const NETUID = 1;
const STATE_BLOCKS = 5;
const alice = keyOf('Alice');
const miner = keyOf('miner');

let options: ChainOptions;
let chain: Chain;
let client: ChainClient;

beforeAll(async () => {
  options = {
    dir: await mkdtemp(join(tmpdir(), 'seine chain controls ')),
    port: 0,
    archivePort: 0,
    stateBlocks: STATE_BLOCKS,
    blocks: { mode: 'instant' },
    genesis: {
      endowed: [{ address: alice.address, rao: 1_000_000 * TAO }],
      sudo: alice.address,
      subnets: [{ netuid: NETUID, owner: alice.address, tempo: 100 }],
      neurons: [{ netuid: NETUID, hotkey: miner.address, coldkey: alice.address }],
    },
    log: () => undefined,
  };
  chain = await startChain(options);
  client = await ChainClient.connect(chain.endpoint);
});

afterAll(async () => {
  await client.close();
  await chain.close();
  await rm(options.dir, { recursive: true });
});

beforeEach(async () => {
  await chain.setFinality(0);
});

describe('finality', () => {
  it('lags as many blocks as it is told, and catches up when it is told', async () => {
    const start = await client.headNumber();
    await client.rpc('dev_setFinality', { lag: 3 });
    const heard: number[] = [];
    const stop = await client.api.rpc.chain.subscribeFinalizedHeads(({ number }) => void heard.push(number.toNumber()));
    const commit = client.watch(client.commitment(NETUID, 'lagging'), miner);
    const { block } = await commit.until('inBlock');
    expect(block).toBe(start + 1);
    await client.newBlocks(2);
    expect(await client.finalNumber()).toBe(start);
    expect(commit.statuses).not.toContain('finalized');
    await client.newBlocks(1);
    expect((await commit.until('finalized')).block).toBe(block);
    expect(await client.finalNumber()).toBe(block);
    await chain.setFinality(0);
    expect(await client.finalNumber()).toBe(start + 4);
    await expect.poll(() => heard).toEqual([start, start + 1, start + 4]);
    stop();
  });

  it('never goes back', async () => {
    const head = await client.headNumber();
    await chain.setFinality(10);
    expect(await client.finalNumber()).toBe(head);
    await expect(chain.setFinality(-1)).rejects.toThrow('lag is a number of blocks');
  });
});

describe('a reorganisation', () => {
  it('puts the transactions of replaced blocks into the new branch', async () => {
    await chain.setFinality(10);
    const commit = client.watch(client.commitment(NETUID, 'moved'), miner);
    const first = await commit.until('inBlock');
    await client.newBlocks(1);
    const best = await client.rpc<string>('dev_reorganise', { depth: 2, transactions: 'requeue' });
    expect(await client.headNumber()).toBe(first.block + 2);
    expect(await client.rpc('chain_getBlockHash', first.block + 2)).toBe(best);
    expect(await client.rpc('chain_getBlockHash', first.block)).not.toBe(first.blockHash);
    await chain.setFinality(0);
    const final = await commit.until('finalized');
    expect(final.blockHash).toBe(best);
    expect(final.statuses).toEqual(['ready', 'inBlock', 'retracted', 'inBlock', 'finalized']);
    expect(await committed()).toBe('moved');
  });

  it('makes the pool forget them where it is told', async () => {
    await client.send(client.commitment(NETUID, 'before'), miner);
    await chain.setFinality(10);
    const commit = client.watch(client.commitment(NETUID, 'forgotten'), miner);
    const { blockHash } = await commit.until('inBlock');
    expect(await committed()).toBe('forgotten');
    await chain.reorganise({ depth: 1, transactions: 'drop' });
    await commit.until('dropped');
    expect(await committed()).toBe('before');
    await client.send(client.commitment(NETUID, 'again'), miner, 'inBlock');
    expect(await committed()).toBe('again');
    // A retracted block is known by its hash, with its own state.
    expect(await client.rpc('chain_getHeader', blockHash)).toMatchObject({ parentHash: expect.any(String) as string });
    const archive = await ChainClient.connect(chain.archiveEndpoint ?? '');
    expect(await committed(blockHash, archive)).toBe('forgotten');
    await archive.close();
  });

  it('does not go below the final block', async () => {
    await chain.setFinality(2);
    await client.newBlocks(3);
    const [head, final] = [await client.headNumber(), await client.finalNumber()];
    expect(head - final).toBe(2);
    await expect(client.rpc('dev_reorganise', { depth: 3 })).rejects.toThrow(`block ${final} is final`);
    await chain.reorganise({ depth: 2, transactions: 'drop' });
    expect(await client.headNumber()).toBe(head + 1);
  });

  it('tells the new best head only', async () => {
    await chain.setFinality(10);
    await client.newBlocks(2);
    const heads: string[] = [];
    const stop = await client.api.rpc.chain.subscribeNewHeads(({ hash }) => void heads.push(hash.toHex()));
    await expect.poll(() => heads.length).toBe(1);
    const best = await chain.reorganise({ depth: 2, transactions: 'drop' });
    await expect.poll(() => heads.slice(1)).toEqual([best]);
    stop();
  });
});

describe('a node that prunes', () => {
  it('answers for the state of the newest final blocks only; the archive port for all', async () => {
    const { block, blockHash } = await client.send(client.commitment(NETUID, 'old'), miner);
    await client.newBlocks(STATE_BLOCKS - 1);
    expect(await committed(blockHash)).toBe('old');
    await client.newBlocks(1);
    const key = client.api.query['commitments']?.['commitmentOf']?.key(NETUID, miner.address) ?? '';
    const discarded = `4003: Client error: UnknownBlock: State already discarded for ${blockHash}`;
    await expect(client.rpc('state_getStorage', key, blockHash)).rejects.toThrow(discarded);
    await expect(client.rpc('state_getReadProof', [key], blockHash)).rejects.toThrow(discarded);
    await expect(client.rpc('state_call', 'Core_version', '0x', blockHash)).rejects.toThrow(discarded);
    expect(await client.rpc('chain_getBlockHash', block)).toBe(blockHash);
    expect(await client.rpc('chain_getBlock', blockHash)).toMatchObject({
      block: { extrinsics: expect.any(Array) as [] },
    });
    const archive = await ChainClient.connect(chain.archiveEndpoint ?? '');
    expect(await committed(blockHash, archive)).toBe('old');
    await archive.close();
  });

  it('knows no state of a block that never was', async () => {
    const hash = `0x${'ab'.repeat(32)}`;
    const unknown = `4003: Client error: UnknownBlock: Header was not found in the database: ${hash}`;
    await expect(client.rpc('state_getStorage', '0x00', hash)).rejects.toThrow(unknown);
  });
});

describe('a read proof', () => {
  it('leads from a header to a commitment, and to none', async () => {
    const { blockHash } = await client.send(client.commitment(NETUID, 'proved'), miner);
    const { stateRoot } = await client.rpc<{ stateRoot: `0x${string}` }>('chain_getHeader', blockHash);
    const commitmentOf = client.api.query['commitments']?.['commitmentOf'];
    const keys = [miner.address, alice.address].map((address) => commitmentOf?.key(NETUID, address) as `0x${string}`);
    const { at, proof } = await client.rpc<{ at: string; proof: `0x${string}`[] }>(
      'state_getReadProof',
      keys,
      blockHash,
    );
    expect(at).toBe(blockHash);
    const decoded = (await decodeProof(stateRoot, proof)) as Record<string, string | undefined>;
    expect(decoded[keys[0] ?? '']).toBe(await client.rpc('state_getStorage', keys[0], blockHash));
    expect(decoded[keys[1] ?? '']).toBeUndefined();
  });

  it('has headers whose hashes and extrinsics roots are true', async () => {
    const header = await client.api.rpc.chain.getHeader();
    expect(header.hash.toHex()).toBe(await client.rpc('chain_getBlockHash'));
    const { block } = await client.api.rpc.chain.getBlock();
    const { extrinsicsRoot } = await import('../../chain/state-tries.ts');
    expect(header.extrinsicsRoot.toHex()).toBe(extrinsicsRoot(block.extrinsics.map((one) => one.toHex())));
  });
});

describe('connections and restarts', () => {
  it('drops all connections at once; clients come again', async () => {
    const other = await ChainClient.connect(chain.endpoint);
    const gone = [client, other].map(
      ({ provider }) => new Promise((resolve) => provider.on('disconnected', () => resolve(1))),
    );
    chain.dropConnections();
    await Promise.all(gone);
    await expect.poll(() => client.provider.isConnected && other.provider.isConnected).toBe(true);
    expect(await client.headNumber()).toBe(await other.headNumber());
    await other.close();
  });

  it('goes on with the same branch and the same finality', async () => {
    await chain.setFinality(4);
    await client.newBlocks(2);
    const head = await chain.reorganise({ depth: 2, transactions: 'drop' });
    const final = await client.finalNumber();
    await client.close();
    await chain.close();
    chain = await startChain(options);
    client = await ChainClient.connect(chain.endpoint);
    expect(await client.rpc('chain_getBlockHash')).toBe(head);
    expect(await client.finalNumber()).toBe(final);
    await client.newBlocks(5);
    expect((await client.headNumber()) - (await client.finalNumber())).toBe(4);
  });
});

/** What the miner has committed. */
async function committed(hash?: string, from = client): Promise<string | undefined> {
  const held = await from.query('commitments', 'commitmentOf', [NETUID, miner.address], hash);
  const field = (held as { info: { fields: Record<string, string>[] } } | null)?.info.fields[0];
  return field === undefined ? undefined : hexToString(Object.values(field)[0] ?? '');
}
