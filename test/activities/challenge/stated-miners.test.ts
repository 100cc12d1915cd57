import { cryptoWaitReady } from '@polkadot/util-crypto';
import { beforeAll, expect, it } from 'vitest';
import { statedMiners } from '../../../activities/challenge/stated-miners.ts';
import type { Neuron } from '../../../src/commit/chain-port.ts';
import { signJson } from '../../../src/commit/signed-json.ts';
import type { Signer } from '../../../src/core/chain.ts';
import type { MinerHttp } from '../../../src/inference/client/miner-http.ts';
import type { CapacityStatement } from '../../../src/inference/server/statements.ts';
import { signerOf } from '../../net/peers.ts';

const NETUID = 7;
const TASKS = [{ task: 'text', unit: 'tokens' as const, period_ms: 60_000, volume: 100, concurrency: 4 }];
let [validator, miner, other] = [] as unknown as [Signer, Signer, Signer];

beforeAll(async () => {
  await cryptoWaitReady();
  [validator, miner, other] = [signerOf('//Alice'), signerOf('//Bob'), signerOf('//Charlie')];
});

/** The neuron as the metagraph has it. */
const neuron = (): Neuron => ({
  ...{ uid: 1, hotkey: miner.address, coldkey: miner.address, registered: 5, axon: { ip: '127.0.0.1', port: 8091 } },
  ...{ validatorPermit: false, stake: 0n, lastUpdate: 5 },
});

/** A miner that answers its calls by these words in turn; `false` is a call that fails. */
async function ask(calls: readonly (Signer | false)[], now: () => number = Date.now) {
  let asked = 0;
  const post: MinerHttp['post'] = async (_, { read }) => {
    const signer = calls[asked++] ?? false;
    if (signer === false) return { outcome: 'failed', reason: 'unreachable', elapsed_ms: 1 };
    const statement: CapacityStatement = {
      ...{ kind: 'capacity', version: 1, netuid: NETUID, hotkey: miner.address, stated_at_ms: now(), tasks: TASKS },
    };
    read(new TextEncoder().encode(JSON.stringify(await signJson(statement, signer))));
    return { outcome: 'read', elapsed_ms: 2, first_ms: 1 };
  };
  const deps = { http: { post, close: () => Promise.resolve() }, netuid: NETUID, now, signer: validator };
  const stated = await statedMiners(deps, [neuron()], new AbortController().signal);
  return { asked, stated };
}

it('asks once whoever states at once', async () => {
  const { asked, stated } = await ask([miner]);
  expect(asked).toBe(1);
  expect(stated).toMatchObject([{ hotkey: miner.address, registered: 5, capacity: TASKS }]);
});

it('asks again where a call failed or the statement was not its own', async () => {
  const { asked, stated } = await ask([false, other, miner]);
  expect(asked).toBe(3);
  expect(stated.length).toBe(1);
});

it('gives up after three calls, and after one that took the time of all', async () => {
  expect(await ask([false, false, false, miner])).toEqual({ asked: 3, stated: [] });
  let nowMs = 0;
  expect(await ask([false, miner], () => (nowMs += 8000))).toEqual({ asked: 1, stated: [] });
});
