import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createScoreActivities } from '../../activities/score.ts';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { createEvidenceLog } from '../../src/commit/evidence-log.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { normalizeWeights } from '../../src/commit/weights.ts';
import type { Signer } from '../../src/core/chain.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import type { MinerCounts } from '../../src/scoring/counts.ts';
import type { Evidence, EvidenceMiner } from '../../src/scoring/evidence.ts';
import { checkEvidence, recompute } from '../../src/scoring/explain.ts';
import type { Verdict } from '../../src/scoring/verdict.ts';
import { miner as countsOf, PARAMETERS } from '../scoring/fixtures.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { RedisServers } from '../support/redis-servers.ts';

/*
 * Ten epochs of eight miners and three validators on a chain that makes blocks by the clock: whatever is counted of the miners, what a
 * bundle gives offline is what its validator set on chain.
 */

const [EPOCHS, MINERS, VALIDATORS] = [10, 8, 3];
const TAO = 1_000_000_000;
const NETUID = 1;

let dir: string;
let server: DevelopmentChain;
let chain: Chain;
let servers: RedisServers;
let redis: Redis;
let miners: Signer[];
let validators: Signer[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-scores-'));
  servers = await startRedisServers(1);
  redis = new Redis(servers.ports[0]!, '127.0.0.1');
  const keys = (kind: string, count: number): Promise<Signer[]> =>
    Promise.all(
      Array.from({ length: count }, (_, at) => openDevelopmentKey({ uri: `//${kind}${at}`, development: true })),
    );
  const coldkey = await openDevelopmentKey({ uri: '//Owner', development: true });
  [miners, validators] = await Promise.all([keys('Miner', MINERS), keys('Validator', VALIDATORS)]);
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'timed', intervalMs: 250 },
    log: () => undefined,
    genesis: {
      endowed: [{ address: coldkey.address, rao: 100_000 * TAO }],
      sudo: coldkey.address,
      subnets: [{ netuid: NETUID, owner: coldkey.address, tempo: 10, commitReveal: false, weightsSetRateLimit: 2 }],
    },
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  for (const { address } of [...miners, ...validators]) {
    await chain.register({ netuid: NETUID, hotkey: address, signer: coldkey });
  }
  for (const [at, { address }] of validators.entries()) {
    await chain.addStake({ netuid: NETUID, hotkey: address, rao: BigInt((1000 + at) * TAO), signer: coldkey });
  }
  const permitted = async (): Promise<number> =>
    (await chain.metagraph(NETUID)).filter(({ validatorPermit }) => validatorPermit).length;
  while ((await permitted()) < VALIDATORS) await new Promise((resolve) => setTimeout(resolve, 500));
}, 120_000);

afterAll(async () => {
  await chain.close();
  await server.close();
  redis.disconnect();
  await servers.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Numbers from 0 up to, not including, `below`, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What one validator counted of one miner: rows, and a sample of which some were not seen valid. */
function findings(
  hotkey: string,
  registered: number,
  epoch: number,
  random: (below: number) => number,
): Omit<EvidenceMiner, 'uid'> {
  const rows = 30 + random(5000);
  const kinds = Array.from({ length: 30 }, (): Verdict['verdict'] => {
    return (['invalid', 'gone', 'inconclusive'] as const)[random(40)] ?? 'valid';
  });
  const verdicts = kinds.map((verdict, at) => ({ id: `web:${epoch}-${at}`, verdict, reason: 'seen' }));
  const spot = { valid: 0, invalid: 0, gone: 0, inconclusive: 0 };
  for (const verdict of kinds) spot[verdict] += 1;
  // The uid is the chain's to say.
  const counts: Partial<MinerCounts> & Omit<MinerCounts, 'uid'> = countsOf(0, rows, { hotkey, registered, spot });
  delete counts.uid;
  const unproven_ppm = { data: (30 - spot.valid) * 1_000_000 };
  return { ...counts, unproven_ppm, rejected: {}, signs: [], sample: null, verdicts };
}

it('bundles give offline, bit for bit, what their validators have set on chain, in each of ten epochs', async () => {
  const store = createFileStore(join(dir, 'objects'));
  const before = await chain.metagraph(NETUID);
  const neuron = (address: string) => before.find(({ hotkey }) => hotkey === address)!;
  let checked = 0;
  for (let epoch = 1; epoch <= EPOCHS; epoch += 1) {
    for (const [at, signer] of validators.entries()) {
      const random = randomOf(1000 * epoch + at);
      const log = createEvidenceLog({ redis, hotkey: signer.address, netuid: NETUID });
      const activities = createScoreActivities({
        ...{ chain, signer, netuid: NETUID, store, evidence: log, parameters: PARAMETERS, heartbeat: () => undefined },
        judged: {
          between: () => Promise.resolve([]),
          judge: () => Promise.reject(new Error('nothing is judged here')),
        },
        ...{ wanted: { version: 1, jobs: [] }, inference: null },
      });
      // In each epoch some miners commit nothing.
      const digests: string[] = [];
      for (const { address } of miners.filter(() => random(6) > 0)) {
        const found = findings(address, neuron(address).registered, epoch, random);
        digests.push(await activities.keepFindings({ findings: found }));
      }
      const { hash, number } = await chain.finalized();
      const window = { index: epoch, start: 10 * epoch, end: 10 * epoch + 9 };
      const scored = await activities.scoreEpoch({
        epoch: window,
        seedBlock: { number, hash },
        findings: digests.sort(),
      });
      const { block } = await activities.setWeights({ epoch, ...scored });
      expect(block).not.toBeNull();

      const bundle = JSON.parse(Buffer.from(await store.get(scored.evidence)).toString()) as Evidence;
      expect(checkEvidence(bundle)).toEqual({ ok: true, problems: [] });
      const { weights } = recompute(bundle);
      const wire = normalizeWeights(weights.map(({ uid, weight_ppb }) => ({ uid, weight: weight_ppb })));
      const onChain = await chain.weights(NETUID, neuron(signer.address).uid);
      expect(onChain).toEqual(wire.uids.map((uid, index) => [uid, wire.values[index]]));
      checked += 1;
    }
  }
  expect(checked).toBe(EPOCHS * VALIDATORS);
}, 300_000);
