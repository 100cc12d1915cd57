import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChallengeActivities } from '../../activities/challenge.ts';
import type { ChallengeDeps } from '../../activities/challenge/deps.ts';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import { lookUpAnchor } from '../../src/commit/anchored-secret.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { Signer } from '../../src/core/chain.ts';
import type { PeriodRecord } from '../../src/core/inference-period.ts';
import { taskQueue } from '../../src/core/queues.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { createOpenAiBackend } from '../../src/inference/backends/openai-backend.ts';
import { createClosedPeriods } from '../../src/inference/challenge/closed-periods.ts';
import type { ClosedPeriod } from '../../src/inference/challenge/closed-periods.ts';
import { createKeptAnswers } from '../../src/inference/challenge/kept-answers.ts';
import { createOutcomeLog } from '../../src/inference/challenge/outcome-log.ts';
import type { PeriodPlan } from '../../src/inference/challenge/period-plan.ts';
import { createPeriodState } from '../../src/inference/challenge/period-state.ts';
import { scheduleOf } from '../../src/inference/challenge/planned-queries.ts';
import type { CheckedOutcome } from '../../src/inference/challenge/query-outcome.ts';
import { createHttpTaskClient } from '../../src/inference/client/http-task-client.ts';
import { createMinerHttp } from '../../src/inference/client/miner-http.ts';
import { revealFault } from '../../src/core/hash/prompt-secret.ts';
import { TEMPLATES } from '../support/template-recipe.ts';
import { createRedisPromptHistory } from '../../src/inference/prompts/redis-prompt-history.ts';
import { tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import { requestVolume } from '../../src/inference/volume.ts';
import { workflowBundle } from '../../temporal/bundle.ts';
import { connectClient, connectWorkers } from '../../temporal/client.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { createWorkers } from '../../temporal/worker.ts';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn } from '../../stack/model-stand-in/server.ts';
import { startInferenceMiner } from '../support/inference-miner.ts';
import type { InferenceMiner } from '../support/inference-miner.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { RedisServers } from '../support/redis-servers.ts';
import { useStack } from '../support/stack.ts';
import { toyRequestMaker, toyUnits } from '../support/toy-requests.ts';

/*
 * A validator challenges four miners for a short period, on a chain that makes blocks by the clock and with miners' real servers: an honest one, a cheater, one that
 * gives less than it owes, and one that is away.
 */

const NETUID = 1;
const TAO = 1_000_000_000;
const PERIOD_MS = 30_000;
const VOLUME = 600;
/** Of one request (toyUnits). */
const MOST_UNITS = 31;
const TASKS = tasksOf(
  {
    version: 1,
    tasks: [
      { name: 'text', kind: 'chat', model: 'toy', weight_ppm: 500_000, period_ms: PERIOD_MS, timeout_ms: 20_000 },
      {
        ...{ name: 'image', kind: 'text-to-image', model: 'toy', weight_ppm: 500_000, period_ms: PERIOD_MS },
        ...{ timeout_ms: 20_000, scored: 'one' },
      },
    ],
  },
  'test',
).tasks;

let dir: string;
let server: DevelopmentChain;
let chain: Chain;
let servers: RedisServers;
let redis: Redis;
let validator: Signer;
let own: ModelStandIn;
let client: Client;
let connection: NativeConnection;
let bundle: string;
const keys: Record<string, Signer> = {};
const miners: InferenceMiner[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-challenge-'));
  servers = await startRedisServers(1);
  redis = new Redis(servers.ports[0]!, '127.0.0.1');
  own = await startModelStandIn();
  const access = { address: useStack().temporal, namespace: 'default', tls: false, apiKey: null };
  [client, connection, bundle] = await Promise.all([
    connectClient(access),
    connectWorkers(access),
    workflowBundle(join(dir, 'bundles')),
  ]);
  await ensureSearchAttributes(client, 'default');
  const keyOf = (uri: string): Promise<Signer> => openDevelopmentKey({ uri, development: true });
  const coldkey = await keyOf('//Owner');
  validator = await keyOf('//ChallengeValidator');
  for (const name of ['Honest', 'Cheater', 'Stingy', 'Away']) keys[name] = await keyOf(`//${name}`);
  const { Honest, Cheater, Stingy, Away } = keys;
  const serving = TASKS.map((task) => ({ task, volume: VOLUME, concurrency: 32, queue_places: 64 }));
  // What is sent anew after a crash a miner counts anew: room for that, so that nothing is refused for it.
  const common = { netuid: NETUID, serving, owed: 2 * VOLUME };
  miners.push(
    await startInferenceMiner({ ...common, signer: Honest! }),
    await startInferenceMiner({ ...common, signer: Cheater!, standIn: { mode: 'wrong_model' } }),
    await startInferenceMiner({ ...common, signer: Stingy!, owed: VOLUME / 3 }),
  );
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'timed', intervalMs: 250 },
    log: () => undefined,
    genesis: {
      endowed: [coldkey, ...Object.values(keys), validator].map(({ address }) => ({ address, rao: 1000 * TAO })),
      sudo: coldkey.address,
      subnets: [{ netuid: NETUID, owner: coldkey.address, tempo: 10, commitReveal: false, weightsSetRateLimit: 2 }],
    },
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  for (const { address } of [validator, Honest!, Cheater!, Stingy!, Away!]) {
    await chain.register({ netuid: NETUID, hotkey: address, signer: coldkey });
  }
  await chain.addStake({ netuid: NETUID, hotkey: validator.address, rao: BigInt(100 * TAO), signer: coldkey });
  for (const [at, signer] of [Honest!, Cheater!, Stingy!].entries()) {
    await chain.serveAxon({ netuid: NETUID, ip: '127.0.0.1', port: miners[at]!.port, signer });
  }
  await chain.serveAxon({ netuid: NETUID, ip: '127.0.0.1', port: 1, signer: Away! });
  const permitted = async (): Promise<boolean> =>
    (await chain.metagraph(NETUID)).some(
      ({ validatorPermit, hotkey }) => validatorPermit && hotkey === validator.address,
    );
  while (!(await permitted())) await new Promise((resolve) => setTimeout(resolve, 500));
}, 180_000);

afterAll(async () => {
  await Promise.all(miners.map((miner) => miner.close()));
  await Promise.all([own.close(), client.connection.close(), connection.close()]);
  await chain.close();
  await server.close();
  redis.disconnect();
  await servers.stop();
  await rm(dir, { recursive: true, force: true });
});

const hotkey = (): string => validator.address;
const store = () => createFileStore(join(dir, 'objects'));
const closedPeriods = () =>
  createClosedPeriods({
    windowPeriods: 24,
    ...{ redis, hotkey: hotkey() },
    put: (closed) => store().put(new TextEncoder().encode(canonicalJson(closed))),
    get: async (digest) => JSON.parse(Buffer.from(await store().get(digest)).toString()) as ClosedPeriod,
  });

/** What a validator's process works with. */
function depsOf(over: Partial<ChallengeDeps> = {}): ChallengeDeps & { end: () => Promise<void> } {
  const http = createMinerHttp({ signer: validator, isAllowedAddress: (address) => address === '127.0.0.1' });
  const backend = createOpenAiBackend({ baseUrl: own.url, network: { userAgent: 'seine-test' } });
  return {
    ...{ chain, signer: validator, netuid: NETUID, store: store(), tasks: () => TASKS, http },
    client: createHttpTaskClient(http),
    makeRequest: toyRequestMaker(createRedisPromptHistory({ redis, hotkey: hotkey() })),
    ...{ unitsOf: toyUnits, recipe: TEMPLATES },
    // The stand-in answers one request alike whoever asks.
    checkAnswer: async ({ request, answer }) => {
      const same = await backend.answer(request, { timeoutMs: 5000 });
      const isSame = canonicalJson(contentOf(same)) === canonicalJson(contentOf(answer));
      return isSame
        ? { verdict: 'right', quality_ppm: 1_000_000, reason: 'same' }
        : { verdict: 'wrong', quality_ppm: 0, reason: 'other_answer' };
    },
    log: createOutcomeLog({ redis, hotkey: hotkey() }),
    state: (periodMs) => createPeriodState({ redis, hotkey: hotkey(), periodMs }),
    ...{ closed: closedPeriods(), kept: createKeptAnswers(join(dir, 'answers')) },
    owedTerms: { leastStake: 0n, curve: 'linear' },
    ...{ windowPeriods: 24, requestsPerMinute: 60_000, checksPerMinute: 60_000 },
    ...{ randomSecret: () => randomBytes(32), now: Date.now },
    heartbeat: (progress) => Context.current().heartbeat(progress),
    cancelled: () => Context.current().cancellationSignal,
    ...over,
    end: async () => {
      await Promise.all([http.close(), backend.close()]);
    },
  };
}

function contentOf(answer: { api: string; body: object }): unknown {
  const { choices, data } = answer.body as { choices?: { message: unknown }[]; data?: { b64_json: string }[] };
  return choices?.map(({ message }) => message) ?? data?.map(({ b64_json }) => b64_json);
}

/** Workers of a validator, with what they work with. */
async function workersOf() {
  const crashed = new AbortController();
  const under = { way: 0, cut: 0, units: 0 };
  const deps = depsOf({ cancelled: () => AbortSignal.any([Context.current().cancellationSignal, crashed.signal]) });
  const activities = createChallengeActivities({
    ...deps,
    client: {
      ...deps.client,
      async ask(...asked) {
        under.way += 1;
        try {
          return await deps.client.ask(...asked);
        } catch (error) {
          under.cut += 1;
          const [{ hotkey: miner }, task, request] = asked;
          if (miner === keys['Stingy']!.address && task.name === 'text') under.units += requestVolume(task, request);
          throw error;
        } finally {
          under.way -= 1;
        }
      },
    },
  });
  const workers = await createWorkers({
    ...{ connection, namespace: 'default', hotkey: hotkey(), bundle },
    activities: { chain: activities, http: activities, inference: activities, data: activities },
  });
  const running = workers.run();
  return {
    under,
    /** Ends all that is under way at once. */
    crash: () => crashed.abort(new Error('the process died')),
    async close() {
      workers.shutdown();
      await running;
      await deps.end();
    },
  };
}

describe('a challenge period', () => {
  it('loses no request and counts none twice when its worker is stopped in its middle', async () => {
    const first = await workersOf();
    // Time enough to anchor the secret before the next period begins.
    while (Date.now() % PERIOD_MS > PERIOD_MS / 2) await new Promise((resolve) => setTimeout(resolve, 200));
    const period = Math.floor(Date.now() / PERIOD_MS) + 1;
    const challenging = `challenge-${NETUID}-${hotkey().slice(0, 8)}-${PERIOD_MS}`;
    const workflowId = `${challenging}-${period}`;
    await client.workflow.start('challengeMiners', {
      workflowId: challenging,
      taskQueue: taskQueue(hotkey(), 'control'),
      args: [{ hotkey: hotkey(), netuid: NETUID, periodMs: PERIOD_MS }],
    });
    const slot = async (): Promise<number> => {
      try {
        const state = await client.workflow.getHandle(workflowId).query<{ slot: number | null }, []>('state');
        return state.slot ?? -1;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return -1;
        throw error;
      }
    };
    while ((await slot()) < 3) await new Promise((resolve) => setTimeout(resolve, 200));
    while (first.under.way === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    first.crash();
    await first.close();
    expect(first.under.cut).toBeGreaterThan(0);
    const second = await workersOf();
    await client.workflow.getHandle(challenging).terminate();
    const state = (await client.workflow.getHandle(workflowId).result()) as { skipped: number; checked: number };
    await second.close();
    expect(state.checked).toBeGreaterThan(0);

    const { records, proofs } = await closedPeriods().upTo((period + 1) * PERIOD_MS, [PERIOD_MS]);
    const [proof] = proofs;
    const bytes = async (digest: string): Promise<string> => Buffer.from(await store().get(digest)).toString();
    const plan = JSON.parse(await bytes(proof!.plan)) as PeriodPlan;
    const planned = (await scheduleOf(plan, proof!.secret, toyUnits)).flat();
    const lines = (await bytes(records[0]!.outcomes)).trim().split('\n');
    const outcomes = lines.map((line) => JSON.parse(line) as CheckedOutcome & { miner: string; task: string });
    const placeOf = (miner: string, task: string, index: number): string => `${miner} ${task} ${index}`;
    expect(outcomes.map(({ miner, task, index }) => placeOf(miner, task, index)).sort()).toEqual(
      planned.map(({ miner, task, index }) => placeOf(miner.hotkey, task.name, index)).sort(),
    );
    expect(planned.length).toBeGreaterThan(100);

    const recordOf = (name: string, task: string): PeriodRecord =>
      records.find((one) => one.hotkey === keys[name]!.address && one.task === task)!;
    for (const record of records) {
      const counted = Object.values(record.reasons).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(record.tally.requests.total);
      expect(record.tally).toMatchObject({ stated: VOLUME, owed: VOLUME, full_load: true });
    }
    const honest = recordOf('Honest', 'text');
    expect(honest.reasons).toEqual({ right: honest.tally.requests.total });
    // What a busy machine had no time to send counts for nobody; the new worker goes on with the rest.
    expect(state.skipped).toBeLessThan(planned.length / 10);
    expect(honest.tally.synthetic.right).toBeGreaterThan(0.85 * VOLUME);
    expect(honest.answers.length).toBe(honest.tally.requests.total);
    expect(recordOf('Cheater', 'text').reasons).toMatchObject({ other_answer: expect.any(Number) as number });
    expect(recordOf('Cheater', 'text').tally.synthetic.right).toBe(0);
    // Of a task that scores one answer, one is checked, and no miner knows which.
    expect(recordOf('Honest', 'image').reasons['right']).toBe(1);
    expect(recordOf('Cheater', 'image').reasons['other_answer']).toBe(1);
    // Within what is owed a 429 counts.
    expect(recordOf('Stingy', 'text').tally.requests.limited).toBeGreaterThan(0);
    // Beyond it are at most those that the crash cut off, which were asked again.
    const { units } = first.under;
    expect(recordOf('Stingy', 'text').tally.synthetic.beyond).toBeLessThanOrEqual(units === 0 ? 0 : units + MOST_UNITS);
    expect(records.some(({ hotkey: miner }) => miner === keys['Away']!.address)).toBe(false);

    expect(proof!.anchored_block).not.toBeNull();
    const anchored = { validator: hotkey(), period, digest: proof!.digest, block: proof!.anchored_block! };
    const reveal = { validator: hotkey(), period, secret: proof!.secret };
    expect(revealFault(anchored, reveal, proof!.seed_block.number)).toBeNull();
    const held = await chain.commitmentAt(NETUID, hotkey(), proof!.anchored_block!);
    expect(held).toBe(`p1:${period}:${Buffer.from(proof!.digest, 'hex').toString('base64url')}`);
    const looked = { netuid: NETUID, validator: hotkey() };
    expect(await lookUpAnchor(chain, looked, proof!)).toBe('anchored');
    const later = { ...proof!, anchored_block: proof!.seed_block.number - 1, digest: 'ab'.repeat(32) };
    expect(await lookUpAnchor(chain, looked, later)).toBe('not_held');
    const number = proof!.seed_block.number + 1;
    const waitedFor = { ...proof!, seed_block: { number, hash: await chain.blockHash(number) } };
    expect(await lookUpAnchor(chain, looked, waitedFor)).toBe('not_first');
  }, 180_000);

  it('leaves out of the count what is refused beyond what was owed', async () => {
    const cancelled = new AbortController().signal;
    const deps = depsOf({ heartbeat: () => undefined, cancelled: () => cancelled });
    const steps = createChallengeActivities(deps);
    const input = { period_ms: PERIOD_MS, period: Math.floor(Date.now() / PERIOD_MS) + 1 };
    await steps.anchorSecret(input);
    // A new window, so that the whole is asked for again.
    for (const key of await redis.keys('*full-loads*')) await redis.del(key);
    await new Promise((resolve) => setTimeout(resolve, input.period * PERIOD_MS - Date.now()));
    const opened = (await steps.openPeriod(input))!;
    expect(await steps.openPeriod(input)).toEqual(opened);
    // Customers have had half of it already.
    const stingy = { ...input, miner: keys['Stingy']!.address, task: 'text' };
    await deps.log.asked(stingy, VOLUME / 2);
    const challenged = opened.slots.map(async (slot) => {
      await steps.askSlot({ plan: opened.plan, slot });
      await steps.checkSlot({ plan: opened.plan, slot });
    });
    await Promise.all(challenged);
    const asked = miners[0]!.standIn.requests.length;
    // Doing a slot again asks nobody again.
    const again = await steps.askSlot({ plan: opened.plan, slot: opened.slots[0]! });
    expect(again.answered).toBeGreaterThan(0);
    expect(miners[0]!.standIn.requests.length).toBe(asked);
    const closed = await steps.closePeriod({ plan: opened.plan });
    expect(await steps.closePeriod({ plan: opened.plan })).toEqual(closed);
    await deps.end();

    const { records } = await closedPeriods().upTo((input.period + 1) * PERIOD_MS, [PERIOD_MS]);
    const record = records.find((one) => one.hotkey === stingy.miner && one.task === 'text')!;
    const { synthetic, requests } = record.tally;
    expect(synthetic.beyond).toBeGreaterThan(0);
    expect(requests.limited).toBeGreaterThan(0);
    expect(synthetic.right + synthetic.limited + synthetic.failed).toBeLessThan(VOLUME * 0.6);
    expect(Object.values(record.reasons).reduce((sum, count) => sum + count, 0)).toBe(requests.total);
  }, 120_000);
});
