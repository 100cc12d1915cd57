import '../../chain/quiet.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain, type Chain } from '../../chain/server.ts';
import { encryptCommitment, decodeCommitmentText } from '../../src/commit/timelock/commitment-payload.ts';
import { COMMIT_REVEAL_VERSION, encryptWeights } from '../../src/commit/timelock/weights-payload.ts';
import { roundAt, type Beacon } from '../../src/core/drand/beacon.ts';
import { verifyRound } from '../../src/core/drand/signature.ts';
import { ChainClient, keyOf, TAO } from '../chain/support/chain-client.ts';

const NETUID = 1;
const PLAIN = 2;
const WEIGHTS = { uids: [0, 1], values: [100, 50], versionKey: 7n };
const alice = keyOf('Alice');
const validator = keyOf('validator');
const miner = keyOf('miner');

let dir: string;
let chain: Chain;
let client: ChainClient;
let beacon: Beacon;
/** A round that no test has used; far enough ahead that its time does not come by itself. */
let nextRound: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine chain timelock '));
  const subnet = { owner: alice.address, tempo: 6, weightsSetRateLimit: 0, weightsVersionKey: 7 };
  const neurons = [NETUID, PLAIN].flatMap((netuid) =>
    [validator, miner].map(({ address }) => {
      return {
        netuid,
        hotkey: address,
        coldkey: alice.address,
        stakeRao: address === validator.address ? 100 * TAO : 0,
      };
    }),
  );
  chain = await startChain({
    dir,
    port: 0,
    blocks: { mode: 'instant' },
    genesis: {
      endowed: [{ address: alice.address, rao: 1_000_000 * TAO }],
      sudo: alice.address,
      subnets: [
        { ...subnet, netuid: NETUID, commitReveal: true },
        { ...subnet, netuid: PLAIN },
      ],
      neurons,
    },
    log: () => undefined,
  });
  client = await ChainClient.connect(chain.endpoint);
  const config = (await client.query('drand', 'beaconConfig')) as {
    publicKey: string;
    period: number;
    genesisTime: number;
  };
  beacon = {
    publicKey: hexToU8a(config.publicKey),
    genesisSeconds: config.genesisTime,
    periodSeconds: config.period,
  };
  nextRound = roundAt(beacon, Date.now() / 1000) + 1000;
  await client.nextEpoch(NETUID);
});

afterAll(async () => {
  await client.close();
  await chain.close();
  await rm(dir, { recursive: true });
});

describe('the beacon', () => {
  it('publishes the round whose time has come, signed', async () => {
    const last = Number(await client.query('drand', 'lastStoredRound'));
    expect(Math.abs(last - roundAt(beacon, Date.now() / 1000))).toBeLessThan(1000);
    const { signature } = (await client.query('drand', 'pulses', [last])) as { signature: string };
    expect(verifyRound(beacon, last, hexToU8a(signature))).toBe(true);
  });

  it('publishes any round on demand, and again after a reorganisation', async () => {
    const round = nextRound++;
    await chain.setFinality(10);
    await client.rpc('dev_publishRound', { round });
    await chain.reorganise({ depth: 1, transactions: 'drop' });
    await chain.setFinality(0);
    const { signature } = (await client.query('drand', 'pulses', [round])) as { signature: string };
    expect(verifyRound(beacon, round, hexToU8a(signature))).toBe(true);
  });

  it('takes pulses from nobody else', async () => {
    const write = client.tx('drand', 'writePulse', []);
    await expect(client.rpc('author_submitExtrinsic', write.toHex())).rejects.toThrow('1010: Invalid Transaction');
  });
});

describe('timelocked weights', () => {
  it('are set in the epoch after their commit once the round is there, as they were encrypted', async () => {
    const round = nextRound++;
    await client.nextEpoch(NETUID);
    const sent = await commit(encrypted(round), round);
    expect(sent.events).toContain('subtensorModule.TimelockedWeightsCommitted');
    expect(await pending()).toHaveLength(1);
    const lastUpdate = (await client.query('subtensorModule', 'lastUpdate', [NETUID])) as number[];
    expect(lastUpdate[0]).toBe(sent.block);
    await chain.publishRound(round);
    expect(await weightsOf(NETUID)).toEqual([]);
    await client.nextEpoch(NETUID);
    expect(await weightsOf(NETUID)).toEqual([
      [0, 65535],
      [1, 32768],
    ]);
    expect(await pending()).toEqual([]);
    expect(await eventsNow()).toContain('subtensorModule.TimelockedWeightsRevealed');
    expect(await client.query('subtensorModule', 'lastUpdate', [NETUID])).toEqual(lastUpdate);
  });

  it('wait for a late round within their epoch, and are lost with it', async () => {
    const [late, never] = [nextRound++, nextRound++];
    await client.nextEpoch(NETUID);
    const { uids, values } = { uids: [1, 0], values: [9, 3] };
    await commit(encrypted(late, { uids, values }), late);
    await commit(encrypted(never, { uids: [0], values: [1] }), never);
    await client.nextEpoch(NETUID);
    expect(await pending()).toHaveLength(2);
    await chain.publishRound(late);
    await client.newBlocks(1);
    const revealed = [
      [1, 65535],
      [0, 21845],
    ];
    expect(await weightsOf(NETUID)).toEqual(revealed);
    expect(await pending()).toHaveLength(1);
    await client.nextEpoch(NETUID);
    expect(await pending()).toEqual([]);
    await chain.publishRound(never);
    await client.nextEpoch(NETUID);
    expect(await weightsOf(NETUID)).toEqual(revealed);
  });

  it('are dropped where they can’t be opened, are another’s, or break a rule', async () => {
    const before = await weightsOf(NETUID);
    const round = nextRound++;
    await client.nextEpoch(NETUID);
    const others = [
      new Uint8Array(300).fill(7),
      encrypted(round, { hotkeyPublicKey: miner.publicKey }),
      encrypted(round + 1),
      encrypted(round, { versionKey: 6n }),
    ];
    for (const bytes of others) {
      expect(await commit(bytes, round)).toMatchObject({ error: undefined });
    }
    expect(await pending()).toHaveLength(others.length);
    await chain.publishRound(round);
    nextRound++;
    await client.nextEpoch(NETUID);
    expect(await pending()).toEqual([]);
    expect(await weightsOf(NETUID)).toEqual(before);
  });

  it('are refused by Subtensor’s errors', async () => {
    const round = nextRound++;
    const bytes = encrypted(round);
    await client.send(root('sudoSetWeightsSetRateLimit', NETUID, 2), alice);
    await client.newBlocks(2);
    expect(await commit(bytes, round, { version: 3 })).toMatchObject({ error: 'IncorrectCommitRevealVersion' });
    expect(await commit(bytes, round, { netuid: PLAIN })).toMatchObject({ error: 'CommitRevealDisabled' });
    expect(await commit(bytes, round, { netuid: 9 })).toMatchObject({ error: 'MechanismDoesNotExist' });
    expect(await commit(bytes, round, { signer: alice })).toMatchObject({ error: 'HotKeyNotRegisteredInSubNet' });
    expect(await commit(bytes, round)).toMatchObject({ error: undefined });
    expect(await commit(bytes, round)).toMatchObject({ error: 'CommittingWeightsTooFast' });
    await expect(commit(bytes, 1)).rejects.toThrow('Custom error: 15');
    const plain = client.tx('subtensorModule', 'setWeights', NETUID, [0], [1], 7);
    expect(await client.send(plain, validator)).toMatchObject({ error: 'CommitRevealEnabled' });
  });

  it('are at most ten a hotkey and epoch', async () => {
    const round = nextRound++;
    await client.send(root('sudoSetWeightsSetRateLimit', NETUID, 0), alice);
    await client.send(root('sudoSetTempo', NETUID, 100), alice);
    const errors: (string | undefined)[] = [];
    for (let sent = 0; sent < 11; sent++) errors.push((await commit(encrypted(round), round)).error);
    expect(errors).toEqual([...new Array<undefined>(10).fill(undefined), 'TooManyUnrevealedCommits']);
  });

  it('of a plain subnet need the version key, even where it is 0', async () => {
    const set = (key: number) =>
      client.send(client.tx('subtensorModule', 'setWeights', PLAIN, [0], [1], key), validator);
    expect(await set(0)).toMatchObject({ error: 'IncorrectWeightVersionKey' });
    expect(await set(7)).toMatchObject({ error: undefined });
    expect(await weightsOf(PLAIN)).toEqual([[0, 65535]]);
  });
});

describe('a time-locked commitment', () => {
  it('is revealed in the block after its round', async () => {
    const round = nextRound++;
    const sealed = u8aToHex(encryptCommitment({ text: 'hidden until then', beacon, round }));
    const locked = { TimelockEncrypted: { encrypted: sealed, revealRound: round } };
    const sent = await client.send(commitment([locked, { Raw4: '0x6f70656e' }]), miner);
    expect(sent.events).toContain('commitments.TimelockCommitment');
    expect(await client.query('commitments', 'timelockedIndex')).toEqual([[NETUID, miner.address]]);
    await client.newBlocks(2);
    expect(await client.query('commitments', 'revealedCommitments', [NETUID, miner.address])).toBeNull();
    await chain.publishRound(round);
    await client.newBlocks(1);
    expect(await eventsNow()).toContain('commitments.CommitmentRevealed');
    expect(await revealed()).toEqual([['hidden until then', await client.headNumber()]]);
    // What was not locked stays.
    const held = (await client.query('commitments', 'commitmentOf', [NETUID, miner.address])) as { info: object };
    expect(held.info).toEqual({ fields: [{ raw4: '0x6f70656e' }] });
    expect(await client.query('commitments', 'timelockedIndex')).toEqual([]);
  });

  it('keeps the ten newest, and goes without a word where it can’t be opened', async () => {
    await client.send(client.tx('sudo', 'sudo', client.tx('commitments', 'setMaxSpace', 100_000)), alice);
    for (let first = 0; first < 12; first += 3) {
      const round = nextRound++;
      const locked = [first, first + 1, first + 2].map((number) => {
        const sealed = encryptCommitment({ text: `number ${number}`, beacon, round });
        return { TimelockEncrypted: { encrypted: number === 4 ? '0x00' : u8aToHex(sealed), revealRound: round } };
      });
      expect(await client.send(commitment(locked), miner)).toMatchObject({ error: undefined });
      await chain.publishRound(round);
      await client.newBlocks(1);
      expect(await client.query('commitments', 'commitmentOf', [NETUID, miner.address])).toBeNull();
    }
    const texts = (await revealed()).map(([text]) => text);
    const newest = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11].map((number) => `number ${number}`);
    expect(texts).toEqual(newest);
  });
});

/** A call of root that sets a parameter of subnets. */
function root(call: string, ...args: unknown[]) {
  return client.tx('sudo', 'sudo', client.tx('adminUtils', call, ...args));
}

function encrypted(round: number, other: Partial<Parameters<typeof encryptWeights>[0]> = {}): Uint8Array {
  return encryptWeights({ hotkeyPublicKey: validator.publicKey, ...WEIGHTS, beacon, round, ...other });
}

function commit(
  bytes: Uint8Array,
  round: number,
  { netuid = NETUID, signer = validator, version = COMMIT_REVEAL_VERSION } = {},
) {
  const call = client.tx('subtensorModule', 'commitTimelockedWeights', netuid, u8aToHex(bytes), round, version);
  return client.send(call, signer);
}

function commitment(fields: object[]) {
  return client.tx('commitments', 'setCommitment', NETUID, { fields });
}

/** What waits to be revealed, of all epochs. */
async function pending(): Promise<unknown[]> {
  const entries = await client.api.query['subtensorModule']?.['timelockedWeightCommits']?.entries(NETUID);
  return (entries ?? []).flatMap(([, commits]) => commits.toJSON() as unknown[]);
}

async function weightsOf(netuid: number): Promise<unknown> {
  return client.query('subtensorModule', 'weights', [netuid, 0]);
}

async function revealed(): Promise<[string | null, number][]> {
  const entries = (await client.query('commitments', 'revealedCommitments', [NETUID, miner.address])) as [
    string,
    number,
  ][];
  return entries.map(([bytes, block]) => [decodeCommitmentText(hexToU8a(bytes)), block]);
}

async function eventsNow(): Promise<string[]> {
  const events = (await client.api.query['system']?.['events']?.()) as unknown as {
    event: { section: string; method: string };
  }[];
  return events.map(({ event }) => `${event.section}.${event.method}`);
}
