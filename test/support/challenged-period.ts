import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createChallengeActivities } from '../../activities/challenge.ts';
import type { PlannedPeriod } from '../../activities/challenge.ts';
import { seedBlock } from '../../activities/challenge/seed-block.ts';
import { createScoreActivities } from '../../activities/score.ts';
import type { ScoreDeps } from '../../activities/score.ts';
import { startChain } from '../../chain/server.ts';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import { createCheckers } from '../../src/cli/roots/checkers.ts';
import { openLocal } from '../../src/cli/roots/open-local.ts';
import { createEvidenceLog } from '../../src/commit/evidence-log.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { Signer } from '../../src/core/chain.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { createClosedPeriods } from '../../src/inference/challenge/closed-periods.ts';
import type { ClosedPeriod } from '../../src/inference/challenge/closed-periods.ts';
import { createKeptAnswers } from '../../src/inference/challenge/kept-answers.ts';
import { createOutcomeLog } from '../../src/inference/challenge/outcome-log.ts';
import { createPeriodState } from '../../src/inference/challenge/period-state.ts';
import { createHttpTaskClient } from '../../src/inference/client/http-task-client.ts';
import { createMinerHttp } from '../../src/inference/client/miner-http.ts';
import { requestUnits } from '../../src/inference/prompts/compose-request.ts';
import { NO_CORPUS } from '../../src/inference/prompts/prompt-corpus.ts';
import { createRedisPromptHistory } from '../../src/inference/prompts/redis-prompt-history.ts';
import { NO_SEEDS } from '../../src/inference/prompts/seed-words.ts';
import { createRequestMaker } from '../../src/inference/prompts/synthetic-request.ts';
import { tasksDigest } from '../../src/inference/tasks/parse-tasks.ts';
import type { TaskList } from '../../src/inference/tasks/task.ts';
import type { Evidence } from '../../src/scoring/evidence.ts';
import type { ScoringParameters } from '../../src/scoring/parameters.ts';
import { TEMPLATES } from './template-recipe.ts';
import { startRedisServers } from './redis-servers.ts';

/* One validator of a small subnet, without Temporal: it challenges miners for a period and scores it, each step called as its workflow calls it. */

export const NETUID = 1;
const TAO = 1_000_000_000;
const BLOCK_MS = 150;
/** To anchor a secret before its period begins. */
const ANCHOR_MS = 1500;
/** To see the first block after a period. */
const BLOCK_WAIT_MS = 30_000;

export interface ChallengedPeriod {
  opened: PlannedPeriod;
  /** Of an epoch whose seed block is the first after the period. */
  evidence: Evidence;
  /** File that holds it. */
  file: string;
  /** Of the chain. */
  endpoint: string;
  /** Folder of the validator's objects, by digest. */
  archive: string;
  /** What stood in the way of checks. */
  troubles: unknown[];
  close: () => Promise<void>;
}

/** Challenges miners, one key and port each, for one period of full load; all of their answers are checked and scored. */
export async function challengePeriod(
  miners: readonly { signer: Signer; port: number }[],
  options: {
    list: TaskList;
    periodMs: number;
    parameters: ScoringParameters;
    /** By which the validator dates its requests. */
    now: () => number;
  },
): Promise<ChallengedPeriod> {
  const { list, periodMs, parameters, now } = options;
  const dir = await mkdtemp(join(tmpdir(), 'seine-challenged-'));
  const servers = await startRedisServers(1);
  const redis = new Redis(servers.ports[0] ?? 0, '127.0.0.1');
  const signer = await openDevelopmentKey({ uri: '//ChallengingValidator', development: true });
  const { chain, endpoint, closeChain } = await subnet(dir, signer, miners);
  const own = await startModelStandIn();
  const troubles: unknown[] = [];
  const checkersFile = join(dir, 'checkers.json');
  const means = { backend: { kind: 'openai', url: own.url }, prefill: { way: 'vllm' }, encoder: { kind: 'shades' } };
  await writeFile(checkersFile, JSON.stringify({ version: 1, default: means }));
  const { checkAnswer, close: closeCheckers } = await createCheckers({
    ...{ file: checkersFile, environment: {}, network: { userAgent: 'seine-test' }, ...openLocal(undefined) },
    onTrouble: (_, error) => void troubles.push(error),
  });
  const http = createMinerHttp({ signer, isAllowedAddress: (address) => address === '127.0.0.1', now });
  const store = createFileStore(join(dir, 'objects'));
  const hotkey = signer.address;
  const closed = createClosedPeriods({
    windowPeriods: 24,
    ...{ redis, hotkey },
    put: (period) => store.put(new TextEncoder().encode(canonicalJson(period))),
    get: async (digest) => JSON.parse(Buffer.from(await store.get(digest)).toString()) as ClosedPeriod,
  });
  const cancelled = new AbortController().signal;
  const shared = { chain, signer, netuid: NETUID, store, heartbeat: () => undefined };
  const challenge = createChallengeActivities({
    ...{ ...shared, http, closed, checkAnswer, tasks: () => list.tasks, unitsOf: requestUnits, recipe: TEMPLATES },
    client: createHttpTaskClient(http),
    makeRequest: createRequestMaker({
      sources: () => ({ corpus: NO_CORPUS, seeds: NO_SEEDS }),
      history: createRedisPromptHistory({ redis, hotkey }),
      ...{ promptModel: null, imageBackend: null },
    }),
    log: createOutcomeLog({ redis, hotkey }),
    state: (length) => createPeriodState({ redis, hotkey, periodMs: length }),
    kept: createKeptAnswers(join(dir, 'answers')),
    owedTerms: { leastStake: 0n, curve: 'linear' },
    ...{ windowPeriods: 24, requestsPerMinute: 60_000, checksPerMinute: 60_000 },
    ...{ randomSecret: () => randomBytes(32), now: Date.now, cancelled: () => cancelled },
  });
  const score = createScoreActivities({
    ...{ ...shared, parameters, wanted: { version: 1, jobs: [] } },
    // Nobody committed any data.
    judged: { between: () => Promise.resolve([]) } as unknown as ScoreDeps['judged'],
    evidence: createEvidenceLog({ redis, hotkey, netuid: NETUID }),
    inference: { records: closed.upTo, tasks: () => ({ list, digest: tasksDigest(list) }) },
  });

  const { opened, endedMs } = await asked(challenge, periodMs);
  const until = { deadlineMs: endedMs + BLOCK_WAIT_MS, now: Date.now, signal: cancelled };
  const seed = await seedBlock(chain, endedMs, until);
  if (seed === null) throw new Error('the chain makes no blocks');
  const epoch = { index: 1, start: 0, end: seed.number };
  const { evidence: digest } = await score.scoreEpoch({ epoch, seedBlock: seed, findings: [] });
  const text = Buffer.from(await store.get(digest)).toString();
  const file = join(dir, 'evidence.json');
  await writeFile(file, text);
  return {
    ...{ opened, file, endpoint, archive: join(dir, 'objects') },
    ...{ troubles, evidence: JSON.parse(text) as Evidence },
    async close() {
      await Promise.all([http.close(), closeCheckers(), own.close(), closeChain()]);
      redis.disconnect();
      await servers.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The next period, from its secret to its records; answers are checked once all are there. */
async function asked(
  activities: ReturnType<typeof createChallengeActivities>,
  periodMs: number,
): Promise<{ opened: PlannedPeriod; endedMs: number }> {
  if (Date.now() % periodMs > periodMs - ANCHOR_MS) await pause(ANCHOR_MS);
  const input = { period_ms: periodMs, period: Math.floor(Date.now() / periodMs) + 1 };
  await activities.anchorSecret(input);
  await pause(Math.max(input.period * periodMs - Date.now(), 0));
  const opened = await activities.openPeriod(input);
  if (opened === null) throw new Error('the period was over before there was a plan');
  const { plan, slots } = opened;
  await Promise.all(slots.map((slot) => activities.askSlot({ plan, slot })));
  await Promise.all(slots.map((slot) => activities.checkSlot({ plan, slot })));
  await activities.closePeriod({ plan });
  return { opened, endedMs: (input.period + 1) * periodMs };
}

/** A chain on which the miners are registered and found, and the validator has a permit. */
async function subnet(
  dir: string,
  validator: Signer,
  miners: readonly { signer: Signer; port: number }[],
): Promise<{ chain: Chain; endpoint: string; closeChain: () => Promise<void> }> {
  const coldkey = await openDevelopmentKey({ uri: '//Owner', development: true });
  const hotkeys = [validator, ...miners.map(({ signer }) => signer)].map(({ address }) => address);
  const server = await startChain({
    ...{ dir: join(dir, 'chain'), port: 0, blocks: { mode: 'timed', intervalMs: BLOCK_MS }, log: () => undefined },
    genesis: {
      endowed: [coldkey.address, ...hotkeys].map((address) => ({ address, rao: 1000 * TAO })),
      sudo: coldkey.address,
      subnets: [{ netuid: NETUID, owner: coldkey.address, tempo: 10, commitReveal: false, weightsSetRateLimit: 2 }],
    },
  });
  const chain = await connectChain({ endpoints: [server.endpoint] });
  for (const hotkey of hotkeys) await chain.register({ netuid: NETUID, hotkey, signer: coldkey });
  await chain.addStake({ netuid: NETUID, hotkey: validator.address, rao: BigInt(100 * TAO), signer: coldkey });
  await Promise.all(
    miners.map(({ signer, port }) => chain.serveAxon({ netuid: NETUID, ip: '127.0.0.1', port, signer })),
  );
  const isPermitted = async (): Promise<boolean> =>
    (await chain.metagraph(NETUID)).some(
      ({ validatorPermit, hotkey }) => validatorPermit && hotkey === validator.address,
    );
  while (!(await isPermitted())) await pause(BLOCK_MS);
  return {
    ...{ chain, endpoint: server.endpoint },
    async closeChain() {
      await chain.close();
      await server.close();
    },
  };
}
