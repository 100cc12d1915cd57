import '../../chain/quiet.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startChain, type Chain } from '../../chain/server.ts';
import { ChainClient, keyOf, TAO } from '../chain/support/chain-client.ts';

const alice = keyOf('Alice');
const miner = keyOf('miner');

let dir: string;
let chain: Chain;
let client: ChainClient;

/** Starts a chain of a variant of the runtime. */
async function start(variant: string): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'seine chain variant '));
  chain = await startChain({
    dir,
    port: 0,
    blocks: { mode: 'instant' },
    runtime: join(import.meta.dirname, '..', 'fixtures', 'runtimes', `${variant}.wasm.zst`),
    genesis: {
      endowed: [{ address: alice.address, rao: 1_000_000 * TAO }],
      sudo: alice.address,
      subnets: [{ netuid: 1, owner: alice.address }],
      neurons: [{ netuid: 1, hotkey: miner.address, coldkey: alice.address }],
    },
    log: () => undefined,
  });
  client = await ChainClient.connect(chain.endpoint);
}

afterEach(async () => {
  await client.close();
  await chain.close();
  await rm(dir, { recursive: true });
});

describe('a variant of the runtime', () => {
  it('lacks the Commitments pallet', async () => {
    await start('without-commitments');
    expect(client.api.runtimeVersion.specVersion.toNumber()).toBe(425);
    const pallets = client.api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString());
    expect(pallets).toContain('SubtensorModule');
    expect(pallets).not.toContain('Commitments');
    expect(await client.send(client.tx('system', 'remark', '0x00'), alice)).toMatchObject({ error: undefined });
  });

  it('takes one field and one commitment every 100 blocks, as at spec 218', async () => {
    await start('max-fields-1');
    expect(client.api.runtimeVersion.specVersion.toNumber()).toBe(218);
    expect(client.api.consts['commitments']?.['maxFields']?.toJSON()).toBe(1);
    const twoFields = client.tx('commitments', 'setCommitment', 1, { fields: [{ Raw1: '0x61' }, { Raw1: '0x62' }] });
    // The call can't be decoded, so that the transaction is refused before it runs.
    await expect(client.send(twoFields, miner)).rejects.toThrow('1002: Verification Error');
    expect(await client.send(client.commitment(1, 'one'), miner)).toMatchObject({ error: undefined });
    expect(await client.send(client.commitment(1, 'two'), miner)).toMatchObject({
      error: 'CommitmentSetRateLimitExceeded',
    });
    await client.send(client.tx('sudo', 'sudo', client.tx('commitments', 'setRateLimit', 2)), alice);
    expect(await client.send(client.commitment(1, 'two'), miner)).toMatchObject({ error: undefined });
    expect(client.api.query['commitments']?.['usedSpaceOf']).toBeUndefined();
  });
});
