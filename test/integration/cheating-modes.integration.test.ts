import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChallengeActivities } from '../../activities/challenge.ts';
import { seedBlock } from '../../activities/challenge/seed-block.ts';
import { createScoreActivities } from '../../activities/score.ts';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn, StandInMode, StandInOptions } from '../../stack/model-stand-in/server.ts';
import { createCheckers } from '../../src/cli/roots/checkers.ts';
import type { Checkers } from '../../src/cli/roots/checkers.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { createEvidenceLog } from '../../src/commit/evidence-log.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { Signer } from '../../src/core/chain.ts';
import type { PeriodRecord } from '../../src/core/inference-period.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { createClosedPeriods } from '../../src/inference/challenge/closed-periods.ts';
import type { ClosedPeriod } from '../../src/inference/challenge/closed-periods.ts';
import { createKeptAnswers } from '../../src/inference/challenge/kept-answers.ts';
import { createOutcomeLog } from '../../src/inference/challenge/outcome-log.ts';
import { createPeriodState } from '../../src/inference/challenge/period-state.ts';
import { createHttpTaskClient } from '../../src/inference/client/http-task-client.ts';
import { createMinerHttp } from '../../src/inference/client/miner-http.ts';
import { NO_CORPUS } from '../../src/inference/prompts/prompt-corpus.ts';
import { createRedisPromptHistory } from '../../src/inference/prompts/redis-prompt-history.ts';
import { NO_SEEDS } from '../../src/inference/prompts/seed-words.ts';
import { createRequestMaker, requestUnits } from '../../src/inference/prompts/synthetic-request.ts';
import { tasksDigest, tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import type { Evidence } from '../../src/scoring/evidence.ts';
import { checkEvidence, explain } from '../../src/scoring/explain.ts';
import type { TaskExplanation } from '../../src/scoring/inference/explain-tasks.ts';
import type { SeineTaskReasons } from '../../src/scoring/inference/task-earnings.ts';
import { useCli } from '../cli/run.ts';
import { WITH_TASKS } from '../scoring/inference/bundle.ts';
import { startInferenceMiner } from '../support/inference-miner.ts';
import type { InferenceMiner } from '../support/inference-miner.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { RedisServers } from '../support/redis-servers.ts';

/*
 * A validator's full load of twelve miners, one for each mode of the stand-in, checked by the validator's own means, scored, and explained by the bundle alone: each
 * way to cheat or to fail is caught, its reason is said, and it earns less than the honest miner.
 */

const NETUID = 1;
const TAO = 1_000_000_000;
const PERIOD_MS = 12_000;
const TEXT_TOKENS = 32;
/** Units: eight texts, and some four images; with these twelve miners have one event loop busy, no more. */
const VOLUMES = { text: 8 * TEXT_TOKENS, image: 80 };
type TaskName = keyof typeof VOLUMES;

/** The same model's probabilities differ by nothing here; so much is room for how engines round. A quantised model's differ by far more. */
const MOST_DISTANCE_PPM = 30_000;
const COMMON = { model: 'toy', weight_ppm: 500_000, period_ms: PERIOD_MS, timeout_ms: 20_000 };
const LIST = tasksOf(
  {
    version: 1,
    tasks: [
      {
        ...{ name: 'text', kind: 'chat', ...COMMON, limits: { tokens: TEXT_TOKENS } },
        speed: { overhead_ms: 1500, mean_us: 30_000, variance_milli: 20_000 },
        check: { positions: 20, full_distance_ppm: MOST_DISTANCE_PPM, half_distance_ppm: MOST_DISTANCE_PPM },
      },
      {
        ...{ name: 'image', kind: 'text-to-image', ...COMMON, limits: { steps: 30 } },
        speed: { overhead_ms: 1500, mean_us: 50_000, variance_milli: 20_000 },
      },
    ],
  },
  'test',
);

/** Room for one miner's full load in a period, not for two. */
const BOUND = { concurrency: 1, workMs: 600, places: 1, ownKey: 'the honest miner' };
/** What `slow` adds: well beyond what either task takes for usual. */
const DELAY_MS = 5000;

/** Modes that lie about probabilities make images like anybody else. */
const TASKS_OF: Partial<Record<StandInMode, TaskName[]>> = { false_logprobs: ['text'], no_logprobs: ['text'] };

/** Words that must be among what came of a mode's requests, and all that may be. */
interface Caught {
  must: RegExp;
  may: RegExp;
}
const only = (words: RegExp): Caught => ({ must: words, may: words });

/** Of each mode and task that nothing right may come of. */
const WRONG: Partial<Record<StandInMode, Partial<Record<TaskName, Caught>>>> = {
  wrong_model: { text: only(/^unlikely_tokens$/), image: only(/^other_image$/) },
  quantised: {
    text: { must: /^other_probabilities$/, may: /^(other_probabilities|unlikely_tokens)$/ },
    image: only(/^other_image$/),
  },
  short: { text: only(/^cut_short$/), image: only(/^other_size$/) },
  // The first answer of each kind is its own request's.
  replayed: {
    text: { must: /^unlikely_tokens$/, may: /^(unlikely_tokens|right)$/ },
    image: { must: /^other_image$/, may: /^(other_image|right)$/ },
  },
  false_logprobs: { text: only(/^unlikely_tokens$/) },
  no_logprobs: { text: only(/^no_probabilities$/) },
  failing: { text: only(/^refused_50\d$|^malformed$/), image: only(/^refused_50\d$/) },
  cut_off: { text: only(/^refused_50\d$|^malformed$|^broken$/), image: only(/^refused_50\d$|^malformed$/) },
};
/** Of each mode that answers some requests, and those rightly. */
const LESS: Partial<Record<StandInMode, Caught>> = {
  // A miner's server says by either status that its engine has no room.
  relayed: { must: /^(limited|refused_503|timed_out)$/, may: /^(right|limited|refused_503|timed_out)$/ },
  busy: { must: /^(limited|refused_503)$/, may: /^(right|limited|refused_503)$/ },
};
const MODES: StandInMode[] = ['honest', 'slow', 'relayed', 'busy', ...(Object.keys(WRONG) as StandInMode[])].filter(
  (mode, at, all) => all.indexOf(mode) === at,
) as StandInMode[];

let dir: string;
let server: DevelopmentChain;
let chain: Chain;
let servers: RedisServers;
let redis: Redis;
let validator: Signer;
let own: ModelStandIn;
let checkers: Checkers;
let evidence: Evidence;
const troubles: unknown[] = [];
const keys = new Map<StandInMode, Signer>();
const miners = new Map<StandInMode, InferenceMiner>();

function standInOf(mode: StandInMode): StandInOptions {
  switch (mode) {
    case 'honest':
      return { bound: BOUND };
    case 'slow':
      return { mode, delayMs: DELAY_MS };
    case 'relayed':
      return { mode, relayTo: miners.get('honest')?.standIn.url ?? '' };
    case 'busy':
      return { mode, isUnwelcome: everyOther() };
    default:
      return { mode };
  }
}

function everyOther(): () => boolean {
  let seen = 0;
  return () => (seen += 1) % 2 === 1;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-modes-'));
  servers = await startRedisServers(1);
  redis = new Redis(servers.ports[0]!, '127.0.0.1');
  const keyOf = (uri: string): Promise<Signer> => openDevelopmentKey({ uri, development: true });
  const coldkey = await keyOf('//Owner');
  validator = await keyOf('//ModesValidator');
  for (const mode of MODES) {
    const signer = await keyOf(`//Mode/${mode}`);
    keys.set(mode, signer);
    const serving = LIST.tasks
      .filter(({ name }) => (TASKS_OF[mode] ?? ['text', 'image']).includes(name as TaskName))
      .map((task) => ({ task, volume: VOLUMES[task.name as TaskName], concurrency: 32, queue_places: 64 }));
    const common = { netuid: NETUID, serving, owed: Math.max(...Object.values(VOLUMES)) };
    miners.set(mode, await startInferenceMiner({ ...common, signer, standIn: standInOf(mode) }));
  }
  server = await startChain({
    dir: join(dir, 'chain'),
    port: 0,
    blocks: { mode: 'timed', intervalMs: 150 },
    log: () => undefined,
    genesis: {
      endowed: [coldkey, validator, ...keys.values()].map(({ address }) => ({ address, rao: 1000 * TAO })),
      sudo: coldkey.address,
      subnets: [{ netuid: NETUID, owner: coldkey.address, tempo: 10, commitReveal: false, weightsSetRateLimit: 2 }],
    },
  });
  chain = await connectChain({ endpoints: [server.endpoint] });
  for (const { address } of [validator, ...keys.values()]) {
    await chain.register({ netuid: NETUID, hotkey: address, signer: coldkey });
  }
  await chain.addStake({ netuid: NETUID, hotkey: validator.address, rao: BigInt(100 * TAO), signer: coldkey });
  await Promise.all(
    [...keys].map(([mode, signer]) =>
      chain.serveAxon({ netuid: NETUID, ip: '127.0.0.1', port: miners.get(mode)!.port, signer }),
    ),
  );
  const permitted = async (): Promise<boolean> =>
    (await chain.metagraph(NETUID)).some(
      ({ validatorPermit, hotkey }) => validatorPermit && hotkey === validator.address,
    );
  while (!(await permitted())) await pause(200);
  own = await startModelStandIn();
  const checkersFile = join(dir, 'checkers.json');
  const backend = { kind: 'openai', url: own.url };
  const base = { backend, prefill: { way: 'vllm' }, encoder: { kind: 'shades' } };
  await writeFile(checkersFile, JSON.stringify({ version: 1, default: base }));
  checkers = await createCheckers({
    ...{ file: checkersFile, environment: {}, network: { userAgent: 'seine-test' } },
    onTrouble: (_, error) => void troubles.push(error),
  });
  evidence = await scored(await challenged());
  await writeFile(join(dir, 'evidence.json'), canonicalJson(evidence));
}, 180_000);

afterAll(async () => {
  await Promise.all([...miners.values()].map((miner) => miner.close()));
  await Promise.all([own.close(), checkers.close()]);
  await chain.close();
  await server.close();
  redis.disconnect();
  await servers.stop();
  await rm(dir, { recursive: true, force: true });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const store = () => createFileStore(join(dir, 'objects'));
const closedPeriods = () =>
  createClosedPeriods({
    ...{ redis, hotkey: validator.address },
    put: (closed) => store().put(new TextEncoder().encode(canonicalJson(closed))),
    get: async (digest) => JSON.parse(Buffer.from(await store().get(digest)).toString()) as ClosedPeriod,
  });

/** Challenges all for the next period; gives the time at which it ended. */
async function challenged(): Promise<number> {
  const http = createMinerHttp({ signer: validator, isAllowedAddress: (address) => address === '127.0.0.1' });
  const hotkey = validator.address;
  const cancelled = new AbortController().signal;
  const activities = createChallengeActivities({
    ...{ chain, signer: validator, netuid: NETUID, store: store(), tasks: () => LIST.tasks, http },
    client: createHttpTaskClient(http),
    makeRequest: createRequestMaker({
      sources: () => ({ corpus: NO_CORPUS, seeds: NO_SEEDS }),
      history: createRedisPromptHistory({ redis, hotkey }),
      ...{ promptModel: null, imageBackend: null },
    }),
    ...{ unitsOf: requestUnits, checkAnswer: checkers.checkAnswer },
    log: createOutcomeLog({ redis, hotkey }),
    state: (periodMs) => createPeriodState({ redis, hotkey, periodMs }),
    ...{ closed: closedPeriods(), kept: createKeptAnswers(join(dir, 'answers')) },
    ...{ stakeCurve: 'linear', windowPeriods: 24, requestsPerMinute: 60_000, checksPerMinute: 60_000 },
    ...{ randomSecret: () => randomBytes(32), now: Date.now, heartbeat: () => undefined, cancelled: () => cancelled },
  });
  // The secret is anchored before the period begins.
  if (Date.now() % PERIOD_MS > PERIOD_MS - 1500) await pause(1500);
  const input = { period_ms: PERIOD_MS, period: Math.floor(Date.now() / PERIOD_MS) + 1 };
  await activities.anchorSecret(input);
  await pause(Math.max(input.period * PERIOD_MS - Date.now(), 0));
  const opened = (await activities.openPeriod(input))!;
  expect(opened).toMatchObject({ full_load: true, miners: MODES.length });
  await Promise.all(opened.slots.map((slot) => activities.askSlot({ plan: opened.plan, slot })));
  await Promise.all(opened.slots.map((slot) => activities.checkSlot({ plan: opened.plan, slot })));
  await activities.closePeriod({ plan: opened.plan });
  await http.close();
  return (input.period + 1) * PERIOD_MS;
}

/** The bundle of an epoch whose seed block is the first after a time. */
async function scored(endedMs: number): Promise<Evidence> {
  const { scoreEpoch } = createScoreActivities({
    ...{ chain, signer: validator, netuid: NETUID, store: store() },
    // Nobody committed any data.
    judged: { between: () => Promise.resolve([]) } as unknown as Parameters<typeof createScoreActivities>[0]['judged'],
    evidence: createEvidenceLog({ redis, hotkey: validator.address, netuid: NETUID }),
    ...{ parameters: WITH_TASKS, wanted: { version: 1, jobs: [] }, heartbeat: () => undefined },
    inference: { records: (ms) => closedPeriods().upTo(ms), tasks: () => ({ list: LIST, digest: tasksDigest(LIST) }) },
  });
  const until = { deadlineMs: endedMs + 30_000, now: Date.now, signal: new AbortController().signal };
  const seed = (await seedBlock(chain, endedMs, until))!;
  const epoch = { index: 1, start: 0, end: seed.number };
  const { evidence: digest } = await scoreEpoch({ epoch, seedBlock: seed, findings: [] });
  return JSON.parse(Buffer.from(await store().get(digest)).toString()) as Evidence;
}

const recordOf = (mode: StandInMode, task: string): PeriodRecord =>
  evidence.inference!.records.find((record) => record.hotkey === keys.get(mode)!.address && record.task === task)!;
const uidOf = (mode: StandInMode): number =>
  evidence.inference!.miners.find(({ hotkey }) => hotkey === keys.get(mode)!.address)!.uid;
const tasksOfMode = (mode: StandInMode): TaskExplanation[] => explain(evidence, uidOf(mode))!.tasks;
const taskOf = (mode: StandInMode, task: TaskName): TaskExplanation =>
  tasksOfMode(mode).find(({ score }) => score.task === task)!;
const whyOf = (mode: StandInMode, task: TaskName): SeineTaskReasons =>
  taskOf(mode, task).score.reasons as SeineTaskReasons;
const wordsOf = (explanation: TaskExplanation): string[] => explanation.reasons.map(({ reason }) => reason);
const earned = (mode: StandInMode): number => tasksOfMode(mode).reduce((sum, { score }) => sum + score.earned, 0);

describe('a full load of a miner in each mode', () => {
  const { run } = useCli();
  /** What `seine score explain` says of one. */
  const said = async (mode: StandInMode): Promise<string> => {
    const { exitCode, stdout, stderr } = await run([
      'score',
      'explain',
      join(dir, 'evidence.json'),
      '--uid',
      `${uidOf(mode)}`,
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    return stdout;
  };

  it('asks all of them for the whole of what they state, and checks every answer', () => {
    for (const mode of MODES) {
      for (const task of TASKS_OF[mode] ?? (['text', 'image'] as const)) {
        const { tally, reasons } = recordOf(mode, task);
        console.log(mode, task, JSON.stringify(reasons), JSON.stringify(whyOf(mode, task)));
        expect(tally, `${mode} ${task}`).toMatchObject({ stated: VOLUMES[task], owed: VOLUMES[task], full_load: true });
        expect(tally.synthetic.unchecked, `${mode} ${task}`).toBe(0);
        expect(tally.requests.total, `${mode} ${task}`).toBeGreaterThan(1);
      }
    }
    expect(troubles).toEqual([]);
    expect(checkEvidence(evidence)).toEqual({ ok: true, problems: [] });
  });

  it('finds nothing wrong with the honest one, which earns most', async () => {
    for (const task of ['text', 'image'] as const) {
      const { tally, reasons } = recordOf('honest', task);
      expect(reasons).toEqual({ right: tally.requests.total });
      expect(whyOf('honest', task).proven).toBe(tally.synthetic.right);
      const others = MODES.filter((mode) => mode !== 'honest' && (TASKS_OF[mode] ?? [task]).includes(task));
      for (const mode of others) {
        expect(taskOf(mode, task).score.earned, `${mode} ${task}`).toBeLessThan(taskOf('honest', task).score.earned);
        expect(taskOf(mode, task).score.weight_ppb).toBeLessThan(taskOf('honest', task).score.weight_ppb);
      }
    }
    for (const mode of MODES.slice(1)) expect(earned(mode), mode).toBeLessThan(earned('honest'));
    const text = await said('honest');
    expect(text).toContain('answered rightly');
    expect(text).not.toMatch(/limited|timed_out|refused|unlikely|other_|cut_short|malformed/);
  });

  it.each(Object.entries(WRONG) as [StandInMode, Partial<Record<TaskName, Caught>>][])(
    'pays nothing for %s, and says why',
    async (mode, caught) => {
      const text = await said(mode);
      for (const [task, { must, may }] of Object.entries(caught) as [TaskName, Caught][]) {
        const words = wordsOf(taskOf(mode, task));
        expect(
          words.every((word) => may.test(word)),
          `${task}: ${words.join()}`,
        ).toBe(true);
        expect(words[0], task).toMatch(must);
        expect(text).toContain(words[0]);
        expect(taskOf(mode, task).score.earned, task).toBe(0);
      }
    },
  );

  it.each(Object.entries(LESS) as [StandInMode, Caught][])(
    'proves less for %s than it states, and says why',
    async (mode, { must, may }) => {
      const text = await said(mode);
      for (const task of ['text', 'image'] as const) {
        const words = wordsOf(taskOf(mode, task));
        expect(
          words.every((word) => may.test(word)),
          words.join(),
        ).toBe(true);
      }
      const named = wordsOf(taskOf(mode, 'text')).find((word) => must.test(word));
      expect(named).toBeDefined();
      expect(text).toContain(named);
      expect(whyOf(mode, 'text').proven).toBeLessThan(whyOf(mode, 'text').stated);
      expect(whyOf(mode, 'text').proven).toBeLessThan(whyOf('honest', 'text').proven);
      expect(text).toMatch(/proven .*answered rightly in the last full load/);
    },
  );

  it('finds the slow one right, and worth less', async () => {
    const text = await said('slow');
    for (const task of ['text', 'image'] as const) {
      expect(wordsOf(taskOf('slow', task))).toEqual(['right']);
      expect(whyOf('slow', task).worth_ppm).toBeLessThan(0.7 * whyOf('honest', task).worth_ppm);
    }
    expect(text).toMatch(/worth .*answered x quality x speed/);
  });
});
