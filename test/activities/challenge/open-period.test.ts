import { cryptoWaitReady } from '@polkadot/util-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChallengeDeps } from '../../../activities/challenge/deps.ts';
import { openPeriod } from '../../../activities/challenge/open-period.ts';
import { createValidatorShares } from '../../../src/cli/roots/validator-shares.ts';
import type { Neuron } from '../../../src/commit/chain-port.ts';
import { signJson } from '../../../src/commit/signed-json.ts';
import type { Signer } from '../../../src/core/chain.ts';
import type { PeriodPlan } from '../../../src/inference/challenge/period-plan.ts';
import type { MinerHttp } from '../../../src/inference/client/miner-http.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';
import type { OwedTerms } from '../../../src/scoring/inference/owed-shares.ts';
import { signerOf } from '../../net/peers.ts';

const NETUID = 7;
const RAO = 1_000_000_000n;
const VOLUME = 1000;
const PERIOD_MS = 3_600_000;
const PERIOD = 12;
const TASKS = tasksOf(
  {
    version: 1,
    tasks: [{ name: 'text', kind: 'chat', model: 'm', weight_ppm: 1_000_000, period_ms: PERIOD_MS }],
  },
  'test',
).tasks;
const NAMES = ['Rich', 'Small', 'Poor', 'NoPermit', 'Miner'] as const;
const signers = {} as Record<(typeof NAMES)[number], Signer>;

beforeAll(async () => {
  await cryptoWaitReady();
  for (const name of NAMES) signers[name] = signerOf(`//${name}`);
});

function neuron(name: (typeof NAMES)[number], tao: bigint, validatorPermit: boolean): Neuron {
  const hotkey = signers[name].address;
  const axon = name === 'Miner' ? { ip: '127.0.0.1', port: 8091 } : null;
  return { uid: 1, hotkey, coldkey: hotkey, registered: 5, axon, validatorPermit, stake: tao * RAO, lastUpdate: 5 };
}

const metagraph = (): Neuron[] => [
  ...[neuron('Rich', 60_000n, true), neuron('Small', 20_000n, true), neuron('Poor', 999n, true)],
  ...[neuron('NoPermit', 500_000n, false), neuron('Miner', 0n, false)],
];

/** The plan of a validator's period; its one miner states 1,000 units. */
async function planOf(signer: Signer, owedTerms: OwedTerms): Promise<PeriodPlan> {
  const nowMs = PERIOD * PERIOD_MS + 1000;
  let plan: PeriodPlan | null = null;
  const post: MinerHttp['post'] = async (_, { read }) => {
    const served = { task: 'text', unit: TASKS[0]!.unit, period_ms: PERIOD_MS, volume: VOLUME, concurrency: 4 };
    const head = { kind: 'capacity', version: 1, netuid: NETUID, hotkey: signers.Miner.address, stated_at_ms: nowMs };
    read(new TextEncoder().encode(JSON.stringify(await signJson({ ...head, tasks: [served] }, signers.Miner))));
    return { outcome: 'read', elapsed_ms: 2, first_ms: 1 };
  };
  const chain = {
    finalized: () => Promise.resolve({ number: 100, hash: '0x100' }),
    blockHash: (number: number) => Promise.resolve(`0x${number}`),
    timestamp: (hash: string) => Promise.resolve(Number(hash.slice(2)) < 100 ? 0 : nowMs * 1000),
    metagraph: () => Promise.resolve(metagraph()),
  };
  const state = {
    plan: () => Promise.resolve(null),
    notePlan: (_: number, digest: string) => Promise.resolve(digest),
    secret: () => Promise.resolve('ab'.repeat(32)),
    fullLoadBefore: () => Promise.resolve(null),
  };
  await openPeriod(
    {
      ...{ chain, signer, netuid: NETUID, http: { post }, tasks: () => TASKS, state: () => state, owedTerms },
      ...{ windowPeriods: 24, requestsPerMinute: 6000, now: () => nowMs, heartbeat: () => undefined },
      cancelled: () => new AbortController().signal,
      store: {
        put: (bytes: Uint8Array) => {
          plan = JSON.parse(new TextDecoder().decode(bytes)) as PeriodPlan;
          return Promise.resolve('digest');
        },
      },
    } as unknown as ChallengeDeps,
    { period_ms: PERIOD_MS, period: PERIOD },
  );
  return plan as unknown as PeriodPlan;
}

describe('what a validator takes for owed', () => {
  it.each(['linear', 'power'] as const)('is what the miner gives it, by the curve %s', async (curve) => {
    const terms = { leastStake: 1000n * RAO, curve };
    const chain = {
      finalized: () => Promise.resolve({ number: 100, hash: '0x100' }),
      metagraph: () => Promise.resolve(metagraph()),
    };
    const miners = createValidatorShares({ chain, netuid: NETUID, terms, now: () => 0 });
    const owed: number[] = [];
    for (const name of ['Rich', 'Small'] as const) {
      const { miners: planned } = await planOf(signers[name], terms);
      const task = planned[0]?.tasks[0];
      expect(task?.owed).toBe(await miners.owed({ volume: VOLUME }, signers[name].address));
      owed.push(task?.owed ?? 0);
    }
    // Whoever may not ask has no part of it.
    expect(owed).toEqual(curve === 'linear' ? [750, 250] : [756, 243]);
  });

  it.each(['Poor', 'NoPermit'] as const)('is nothing where it may not ask: %s challenges nobody', async (name) => {
    const planned = planOf(signers[name], { leastStake: 1000n * RAO, curve: 'linear' });
    await expect(planned).rejects.toMatchObject({ name: 'MayNotAsk', remedy: 'never' });
  });
});
