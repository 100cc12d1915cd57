import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import type { ApiOptions, SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import { stringToHex } from '@polkadot/util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const NETUID = 1;
const TEMPO = 10;
const TAO = 1_000_000_000;

const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
const key = (name: string): KeyringPair => keyring.addFromUri(`//${name}`);
const alice = key('Alice');
const outsider = key('Outsider');
const miner = key('miner');
const validator = key('validator');

const genesis = {
  endowed: [alice, outsider].map(({ address }) => ({ address, rao: 1_000_000 * TAO })),
  sudo: alice.address,
  // Room for two commitments of up to 100 bytes in an epoch.
  maxSpace: 250,
  subnets: [{ netuid: NETUID, owner: alice.address, tempo: TEMPO, weightsSetRateLimit: 3, servingRateLimit: 5 }],
};

let dir: string;
let chain: { process: ChildProcess; endpoint: string };
let provider: WsProvider;
let api: ApiPromise;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine chain '));
  await writeFile(join(dir, 'genesis options.json'), JSON.stringify(genesis));
  chain = await launch();
  await attach();
});

afterAll(async () => {
  await api.disconnect();
  await stop('SIGKILL');
  await rm(dir, { recursive: true });
});

describe('the development chain', () => {
  it('has the names, indices and extensions of Subtensor', () => {
    expect(api.runtimeVersion.specName.toString()).toBe('node-subtensor');
    expect(api.runtimeVersion.specVersion.toNumber()).toBe(425);
    const indices = Object.fromEntries(
      api.runtimeMetadata.asLatest.pallets.map((pallet) => [pallet.name.toString(), pallet.index.toNumber()]),
    );
    expect(indices).toMatchObject({ SubtensorModule: 7, Sudo: 12, Commitments: 18, AdminUtils: 19, Drand: 26 });
    const calls = { setWeights: 0, addStake: 2, removeStake: 3, serveAxon: 4, burnedRegister: 7, registerNetwork: 59 };
    for (const [call, index] of Object.entries({ ...calls, commitTimelockedWeights: 113 })) {
      expect(api.tx['subtensorModule']?.[call]?.callIndex[1]).toBe(index);
    }
    expect(api.registry.signedExtensions).toEqual([
      'CheckNonZeroSender',
      'CheckSpecVersion',
      'CheckTxVersion',
      'CheckGenesis',
      'CheckMortality',
      'CheckNonce',
      'CheckWeight',
      'ChargeTransactionPayment',
      'SudoTransactionExtension',
      'CheckShieldedTxValidity',
      'SubtensorTransactionExtension',
      'DrandPriority',
      'CheckMetadataHash',
    ]);
  });

  it('registers hotkeys and lets them serve, without a balance of their own', async () => {
    for (const hotkey of [miner, validator]) {
      const sent = await send(tx('subtensorModule', 'burnedRegister', NETUID, hotkey.address), alice);
      expect(sent.events).toContain('subtensorModule.NeuronRegistered');
    }
    expect(await send(tx('subtensorModule', 'burnedRegister', NETUID, miner.address), alice)).toMatchObject({
      error: 'HotKeyAlreadyRegisteredInSubNet',
    });
    const served = await send(tx('subtensorModule', 'serveAxon', NETUID, 1, 0x7f000001, 8091, 4, 0, 0, 0), miner);
    expect(served.events).toContain('subtensorModule.AxonServed');
    const metagraph = await readMetagraph();
    expect(metagraph.hotkeys).toEqual([miner.address, validator.address]);
    expect(metagraph.coldkeys).toEqual([alice.address, alice.address]);
    expect(metagraph.axons[0]).toMatchObject({ ip: 0x7f000001, port: 8091, block: served.block });
  });

  it('refuses axons before they reach a block, by Subtensor’s numbers', async () => {
    const axon = (port: number) => tx('subtensorModule', 'serveAxon', NETUID, 1, 0x0a000001, port, 4, 0, 0, 0);
    await expect(send(axon(8091), outsider)).rejects.toThrow('1010: Invalid Transaction: Custom error: 10');
    await expect(send(axon(8092), miner)).rejects.toThrow('Custom error: 12');
    await expect(send(axon(0), validator)).rejects.toThrow('Custom error: 13');
  });

  it('gives a permit for stake at the next epoch', async () => {
    await send(tx('subtensorModule', 'addStake', validator.address, NETUID, 100 * TAO), alice);
    expect((await readMetagraph()).totalStake).toEqual([0, 100 * TAO]);
    expect((await readMetagraph()).validatorPermit).toEqual([false, false]);
    await nextEpoch();
    expect((await readMetagraph()).validatorPermit).toEqual([false, true]);
  });

  it('takes stake back, all of it where more is asked for', async () => {
    const add = (hotkey: string, rao: bigint | number) => tx('subtensorModule', 'addStake', hotkey, NETUID, rao);
    const remove = (rao: number) => tx('subtensorModule', 'removeStake', miner.address, NETUID, rao);
    await send(add(miner.address, 5 * TAO), alice);
    const part = await send(remove(2 * TAO), alice);
    expect(part.events).toContain('subtensorModule.StakeRemoved');
    expect((await readMetagraph()).totalStake[0]).toBe(3 * TAO);
    expect(await send(remove(1000), alice)).toMatchObject({ error: 'AmountTooLow' });
    await send(remove(50 * TAO), alice);
    expect((await readMetagraph()).totalStake[0]).toBe(0);
    expect(await send(remove(TAO), alice)).toMatchObject({ error: 'AmountTooLow' });
    expect(await send(add(miner.address, 10n ** 16n), alice)).toMatchObject({ error: 'NotEnoughBalanceToStake' });
    expect(await send(add(outsider.address, TAO), alice)).toMatchObject({ error: 'HotKeyAccountNotExists' });
    const elsewhere = tx('subtensorModule', 'addStake', miner.address, 9, TAO);
    expect(await send(elsewhere, alice)).toMatchObject({ error: 'SubnetNotExists' });
  });

  it('sets weights, and refuses them by Subtensor’s errors', async () => {
    const weights = (uids: number[], values: number[]) => tx('subtensorModule', 'setWeights', NETUID, uids, values, 0);
    await newBlocks(3);
    const set = await send(weights([0, 1], [100, 50]), validator);
    expect(set.events).toContain('subtensorModule.WeightsSet');
    const stored = await api.query['subtensorModule']?.['weights']?.(NETUID, 1);
    expect(stored?.toJSON()).toEqual([
      [0, 65535],
      [1, 32768],
    ]);
    expect(await send(weights([0], [1]), validator)).toMatchObject({ error: 'SettingWeightsTooFast' });
    await newBlocks(3);
    expect(await send(weights([0, 0], [1, 1]), validator)).toMatchObject({ error: 'DuplicateUids' });
    expect(await send(weights([0, 7], [1, 1]), validator)).toMatchObject({ error: 'UidVecContainInvalidOne' });
    expect(await send(weights([0], [1, 2]), validator)).toMatchObject({ error: 'WeightVecNotEqualSize' });
    expect(await send(weights([1], [1]), miner)).toMatchObject({ error: 'NeuronNoValidatorPermit' });
    expect(await send(weights([0], [1]), outsider)).toMatchObject({ error: 'HotKeyNotRegisteredInSubNet' });
    const commitReveal = tx('adminUtils', 'sudoSetCommitRevealWeightsEnabled', NETUID, true);
    await send(tx('sudo', 'sudo', commitReveal), alice);
    expect(await send(weights([0], [1]), validator)).toMatchObject({ error: 'CommitRevealEnabled' });
  });

  it('keeps every commitment readable at its block', async () => {
    await nextEpoch();
    const first = await send(commitment('first'), miner);
    const second = await send(commitment('second'), miner);
    expect(first.events).toContain('commitments.Commitment');
    expect(await readCommitment(first.blockHash)).toEqual({ Raw5: 'first' });
    expect(await readCommitment(second.blockHash)).toEqual({ Raw6: 'second' });
    const before = (await api.rpc.chain.getBlockHash(first.block - 1)).toHex();
    expect(await readCommitment(before)).toBeUndefined();
  });

  it('meters commitments in bytes per epoch', async () => {
    expect(await send(commitment('third'), miner)).toMatchObject({ error: 'SpaceLimitExceeded' });
    await nextEpoch();
    expect(await send(commitment('third'), miner)).toMatchObject({ error: undefined });
    expect(await send(commitment('x'.repeat(128)), miner)).toMatchObject({ error: undefined });
    expect(await send(commitment('fifth'), miner)).toMatchObject({ error: 'SpaceLimitExceeded' });
  });

  it('takes commitments from registered hotkeys only', async () => {
    expect(await send(commitment('mine'), outsider)).toMatchObject({ error: 'AccountNotAllowedCommit' });
  });

  it('takes many transactions of one account at once, whatever their order', async () => {
    const start = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const nonces = [3, 1, 0, 2, 4].map((offset) => start + offset);
    const sent = await Promise.all(nonces.map((nonce) => send(tx('system', 'remark', '0x00'), alice, nonce)));
    expect(sent.map(({ error }) => error)).toEqual(nonces.map(() => undefined));
    expect((await api.rpc.system.accountNextIndex(alice.address)).toNumber()).toBe(start + nonces.length);
    await expect(send(tx('system', 'remark', '0x00'), alice, start)).rejects.toThrow('Transaction is outdated');
  });

  it('serves several clients the same heads', async () => {
    const clients = await Promise.all(Array.from({ length: 7 }, () => connect(new WsProvider(chain.endpoint))));
    const target = (await headNumber()) + 3;
    const heard = clients.map((client) => {
      return new Promise<string>((resolve) => {
        void client.rpc.chain.subscribeFinalizedHeads((header) => {
          if (header.number.toNumber() === target) resolve(header.hash.toHex());
        });
      });
    });
    await Promise.all(clients.map((client) => client.rpc.chain.getHeader()));
    await newBlocks(3);
    const expected = (await api.rpc.chain.getBlockHash(target)).toHex();
    expect(await Promise.all(heard)).toEqual(clients.map(() => expected));
    await Promise.all(clients.map((client) => client.disconnect()));
  });

  it('loses no block to kill -9 and goes on', async () => {
    const last = await send(tx('system', 'remark', '0x01'), alice);
    await stop('SIGKILL');
    await api.disconnect();
    await appendFile(join(dir, 'chain', 'blocks.jsonl'), '{"number": 999, "ha');
    chain = await launch();
    await attach();
    expect(await headNumber()).toBe(last.block);
    expect((await api.rpc.chain.getBlockHash(last.block)).toHex()).toBe(last.blockHash);
    expect((await readMetagraph()).hotkeys).toEqual([miner.address, validator.address]);
    const next = await send(tx('system', 'remark', '0x02'), alice);
    expect(next.block).toBe(last.block + 1);
    const timestamps = await Promise.all(
      [last, next].map(async ({ blockHash }) =>
        Number(await (await api.at(blockHash)).query['timestamp']?.['now']?.()),
      ),
    );
    expect(timestamps[1]).toBeGreaterThan(timestamps[0] ?? Infinity);
    expect(Math.abs(Date.now() - (timestamps[1] ?? 0))).toBeLessThan(60_000);
  });

  it('stops cleanly on SIGTERM and refuses another genesis in its folder', async () => {
    await api.disconnect();
    expect(await stop('SIGTERM')).toBe(0);
    const other = join(dir, 'other.json');
    await writeFile(other, JSON.stringify({ ...genesis, maxSpace: 3100 }));
    await expect(launch(other)).rejects.toThrow('holds a chain that began with another genesis');
    chain = await launch();
    await attach();
    expect(await headNumber()).toBeGreaterThan(1);
  });
});

async function launch(options = join(dir, 'genesis options.json')): Promise<typeof chain> {
  const main = join(import.meta.dirname, '..', '..', 'chain', 'main.ts');
  const args = ['--import', 'tsx', main, '--dir', join(dir, 'chain'), '--blocks', 'instant', '--genesis', options];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  process_.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const ready = once(createInterface(process_.stdout), 'line');
  const exited = once(process_, 'exit').then(() => Promise.reject(new Error(errors)));
  const [line] = (await Promise.race([ready, exited])) as [string];
  exited.catch(() => undefined);
  return { process: process_, endpoint: (JSON.parse(line) as { endpoint: string }).endpoint };
}

async function stop(signal: NodeJS.Signals): Promise<number | null> {
  if (chain.process.exitCode !== null || chain.process.signalCode !== null) return chain.process.exitCode;
  const exit = once(chain.process, 'exit');
  chain.process.kill(signal);
  const [code] = (await exit) as [number | null];
  return code;
}

async function attach(): Promise<void> {
  provider = new WsProvider(chain.endpoint);
  api = await connect(provider);
}

function connect(over: WsProvider): Promise<ApiPromise> {
  // @polkadot's own declarations disagree under exactOptionalPropertyTypes.
  const provider = over as unknown as ApiOptions['provider'] & object;
  return ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
}

function tx(pallet: string, call: string, ...args: unknown[]): SubmittableExtrinsic<'promise'> {
  const create = api.tx[pallet]?.[call];
  if (create === undefined) throw new Error(`The chain has no ${pallet}.${call}.`);
  return create(...args);
}

function commitment(text: string): SubmittableExtrinsic<'promise'> {
  return tx('commitments', 'setCommitment', NETUID, { fields: [{ [`Raw${text.length}`]: stringToHex(text) }] });
}

interface Sent {
  block: number;
  blockHash: string;
  events: string[];
  /** Name of the module error, where the call failed. */
  error: string | undefined;
}

/** Sends a transaction and waits until it is final. Rejects where the pool refuses it. */
async function send(call: SubmittableExtrinsic<'promise'>, signer: KeyringPair, nonce = -1): Promise<Sent> {
  const final = await new Promise<Omit<Sent, 'block'>>((resolve, reject) => {
    call
      .signAndSend(signer, { nonce }, (result) => {
        if (result.isError) reject(new Error(result.status.type));
        if (!result.status.isFinalized) return;
        const error = result.dispatchError;
        resolve({
          blockHash: result.status.asFinalized.toHex(),
          events: result.events.map(({ event }) => `${event.section}.${event.method}`),
          error: error?.isModule ? api.registry.findMetaError(error.asModule).name : error?.type,
        });
      })
      .catch(reject);
  });
  return { ...final, block: (await api.rpc.chain.getHeader(final.blockHash)).number.toNumber() };
}

async function newBlocks(count: number): Promise<void> {
  await provider.send('dev_newBlock', [{ count }]);
}

/** Builds blocks up to the first of the subnet's next epoch. */
async function nextEpoch(): Promise<void> {
  const start = (await api.call['subnetInfoRuntimeApi']?.['getNextEpochStartBlock']?.(NETUID))?.toJSON() as number;
  await newBlocks(start - (await headNumber()));
}

async function headNumber(): Promise<number> {
  return (await api.rpc.chain.getHeader()).number.toNumber();
}

interface Metagraph {
  hotkeys: string[];
  coldkeys: string[];
  axons: object[];
  validatorPermit: boolean[];
  totalStake: number[];
}

async function readMetagraph(): Promise<Metagraph> {
  return (await api.call['subnetInfoRuntimeApi']?.['getMetagraph']?.(NETUID))?.toJSON() as unknown as Metagraph;
}

/** The miner's first committed field at the end of a block. */
async function readCommitment(blockHash: string): Promise<object | undefined> {
  const at = await api.at(blockHash);
  const value = (await at.query['commitments']?.['commitmentOf']?.(NETUID, miner.address))?.toHuman();
  return (value as { info: { fields: object[] } } | null)?.info.fields[0];
}
