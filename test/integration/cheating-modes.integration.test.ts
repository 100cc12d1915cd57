import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StandInMode, StandInOptions } from '../../stack/model-stand-in/server.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import type { Signer } from '../../src/core/chain.ts';
import type { PeriodRecord } from '../../src/core/inference-period.ts';
import { tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import { checkEvidence, explain } from '../../src/scoring/explain.ts';
import type { TaskExplanation } from '../../src/scoring/inference/explain-tasks.ts';
import type { SeineTaskReasons } from '../../src/scoring/inference/task-earnings.ts';
import { useCli } from '../cli/run.ts';
import { WITH_TASKS } from '../scoring/inference/bundle.ts';
import { challengePeriod, NETUID } from '../support/challenged-period.ts';
import type { ChallengedPeriod } from '../support/challenged-period.ts';
import { startInferenceMiner, withoutLogprobs } from '../support/inference-miner.ts';
import type { InferenceMiner } from '../support/inference-miner.ts';

/*
 * A validator's full load of twelve miners, one for each mode of the stand-in, checked by the validator's own means, scored, and explained by the bundle alone: each
 * way to cheat or to fail is caught, its reason is said, and it earns less than the honest miner.
 */

const PERIOD_MS = 12_000;
const TEXT_TOKENS = 32;
/** Units: eight texts, and some four images; with these twelve miners have one event loop busy, no more. */
const VOLUMES = { text: 8 * TEXT_TOKENS, image: 80 };
type TaskName = keyof typeof VOLUMES;
/** A relaying miner is asked for so much that chance can't find room for all of it: half of the time there is none. */
const RELAYED_TIMES = 3;
const volumeOf = (mode: StandInMode, task: TaskName): number =>
  VOLUMES[task] * (mode === 'relayed' ? RELAYED_TIMES : 1);

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

/** Room for one miner's full load in a period, not for two: it is busy most of the time, and then has no place for others. */
const BOUND = { concurrency: 1, workMs: 600, places: 0, ownKey: 'the honest miner' };
/** What `slow` adds: well beyond what either task takes for usual. */
const DELAY_MS = 5000;

/** Modes that lie about probabilities make images like anybody else. */
const TEXT_ONLY: readonly StandInMode[] = ['false_logprobs', 'no_logprobs'];
const tasksFor = (mode: StandInMode): TaskName[] => (TEXT_ONLY.includes(mode) ? ['text'] : ['text', 'image']);

/** Modes that are paid nothing, with all words that may be among what came of their requests. */
const UNPAID: readonly [StandInMode, Partial<Record<TaskName, string[]>>][] = [
  ['wrong_model', { text: ['unlikely_tokens'], image: ['other_image'] }],
  ['quantised', { text: ['other_probabilities', 'unlikely_tokens'], image: ['other_image'] }],
  ['short', { text: ['cut_short'], image: ['other_size'] }],
  // The first answer of each kind is its own request's.
  ['replayed', { text: ['unlikely_tokens', 'right'], image: ['other_image', 'other_size', 'right'] }],
  ['false_logprobs', { text: ['unlikely_tokens'] }],
  ['no_logprobs', { text: ['no_probabilities'] }],
  ['failing', { text: ['refused_503'], image: ['refused_503'] }],
  // A text breaks off in its stream; an image's half is none, as its miner's server finds.
  ['cut_off', { text: ['malformed'], image: ['refused_503'] }],
];
/** Modes that answer some requests, and those rightly. A miner's server may say by either status that its engine has no room. */
const REFUSING: readonly StandInMode[] = ['relayed', 'busy'];
const NO_ROOM = ['limited', 'refused_503', 'timed_out'];
const CHEATS: readonly StandInMode[] = ['slow', ...REFUSING, ...UNPAID.map(([mode]) => mode)];

/** Stands still: validator and miners share one event loop, and a request must not grow old before it is read. */
const DATED_MS = Date.now();
const now = (): number => DATED_MS;
let period: ChallengedPeriod;
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
      return { mode, isUnwelcome: everyOtherOfItsTask() };
    default:
      return { mode };
  }
}

/** Refuses the first request of each task, the third, and so on, however the two tasks' requests take turns. */
function everyOtherOfItsTask(): NonNullable<StandInOptions['isUnwelcome']> {
  const seen = { text: 0, image: 0 };
  return (_headers, body) => (seen['messages' in body ? 'text' : 'image'] += 1) % 2 === 1;
}

beforeAll(async () => {
  for (const mode of ['honest', ...CHEATS] as StandInMode[]) {
    const signer = await openDevelopmentKey({ uri: `//Mode/${mode}`, development: true });
    const serving = LIST.tasks
      .filter(({ name }) => tasksFor(mode).includes(name as TaskName))
      .map((task) => ({ task, volume: volumeOf(mode, task.name as TaskName), concurrency: 32, queue_places: 64 }));
    const miner = await startInferenceMiner({
      ...{
        signer,
        netuid: NETUID,
        serving,
        owed: RELAYED_TIMES * Math.max(...Object.values(VOLUMES)),
        standIn: standInOf(mode),
        now,
      },
      // An honest server refuses an engine that states none; this one does not even ask for them.
      ...(mode === 'no_logprobs' ? { asking: withoutLogprobs } : {}),
    });
    keys.set(mode, signer);
    miners.set(mode, miner);
  }
  const found = [...keys].flatMap(([mode, signer]) => ({ signer, port: miners.get(mode)?.port ?? 0 }));
  period = await challengePeriod(found, { list: LIST, periodMs: PERIOD_MS, parameters: WITH_TASKS, now });
}, 180_000);

afterAll(async () => {
  await Promise.all([...miners.values()].map((miner) => miner.close()));
  await period.close();
});

const addressOf = (mode: StandInMode): string => keys.get(mode)!.address;
const recordOf = (mode: StandInMode, task: TaskName): PeriodRecord =>
  period.evidence.inference!.records.find((one) => one.hotkey === addressOf(mode) && one.task === task)!;
const uidOf = (mode: StandInMode): number =>
  period.evidence.inference!.miners.find(({ hotkey }) => hotkey === addressOf(mode))!.uid;
const tasksOfMode = (mode: StandInMode): TaskExplanation[] => explain(period.evidence, uidOf(mode))!.tasks;
const taskOf = (mode: StandInMode, task: TaskName): TaskExplanation =>
  tasksOfMode(mode).find(({ score }) => score.task === task)!;
const whyOf = (mode: StandInMode, task: TaskName): SeineTaskReasons =>
  taskOf(mode, task).score.reasons as SeineTaskReasons;
const wordsOf = (mode: StandInMode, task: TaskName): string[] => taskOf(mode, task).reasons.map(({ reason }) => reason);
const earned = (mode: StandInMode): number => tasksOfMode(mode).reduce((sum, { score }) => sum + score.earned, 0);

describe('a full load of a miner in each mode', () => {
  const { run } = useCli();
  /** What `seine score explain` says of one. */
  const said = async (mode: StandInMode): Promise<string> => {
    const ran = await run(['score', 'explain', period.file, '--uid', `${uidOf(mode)}`]);
    expect([ran.exitCode, ran.stderr]).toEqual([0, '']);
    return ran.stdout;
  };

  it('asks for nothing that its revealed secret does not give, as anybody can see', async () => {
    const { exitCode, stdout } = await run(['task', 'prompts', period.file, '--archive', period.archive, '--json']);
    const { periods } = JSON.parse(stdout) as { periods: { counts: Record<string, number> }[] };
    const { same = 0, not_sent = 0, ...others } = periods[0]?.counts ?? {};
    expect([exitCode, others]).toEqual([0, {}]);
    expect(same).toBeGreaterThan(10 * not_sent);
  });

  it('asks all of them for the whole of what they state, and checks every answer', () => {
    const modes: StandInMode[] = ['honest', ...CHEATS];
    expect(modes.length).toBe(12);
    expect(period.opened).toMatchObject({ full_load: true, miners: modes.length });
    for (const mode of modes) {
      for (const task of tasksFor(mode)) {
        const { tally } = recordOf(mode, task);
        const [name, volume] = [`${mode} ${task}`, volumeOf(mode, task)];
        expect(tally, name).toMatchObject({ stated: volume, owed: volume, full_load: true });
        expect(tally.synthetic.unchecked, name).toBe(0);
        expect(tally.requests.total, name).toBeGreaterThan(1);
      }
    }
    expect(period.troubles).toEqual([]);
    expect(checkEvidence(period.evidence)).toEqual({ ok: true, problems: [] });
  });

  it('is proved by the chain: the secret was anchored before the first block of the period', async () => {
    const ran = await run(['score', 'verify', period.file, '--set', `subtensor.endpoint=${period.endpoint}`, '--json']);
    expect(ran.exitCode).toBe(0);
    const periods = [expect.objectContaining({ finding: 'anchored' })];
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, problems: [], periods });
    const [proof] = period.evidence.inference!.proofs;
    const inference = {
      ...period.evidence.inference!,
      proofs: [{ ...proof!, anchored_block: proof!.anchored_block! - 1 }],
    };
    const forged = join(dirname(period.file), 'forged.json');
    await writeFile(forged, JSON.stringify({ ...period.evidence, inference }));
    const found = await run(['score', 'verify', forged, '--set', `subtensor.endpoint=${period.endpoint}`]);
    expect(found.exitCode).toBe(1);
    expect(found.stdout).toContain("the validator's commitment was another at that block");
  });

  it('finds nothing wrong with the honest one, which earns most', async () => {
    for (const task of tasksFor('honest')) {
      const { tally, reasons } = recordOf('honest', task);
      expect(reasons).toEqual({ right: tally.requests.total });
      expect(whyOf('honest', task).proven).toBe(tally.synthetic.right);
      const best = taskOf('honest', task).score;
      for (const mode of CHEATS.filter((cheat) => tasksFor(cheat).includes(task))) {
        expect(taskOf(mode, task).score.earned, `${mode} ${task}`).toBeLessThan(best.earned);
        expect(taskOf(mode, task).score.weight_ppb, `${mode} ${task}`).toBeLessThan(best.weight_ppb);
      }
    }
    for (const mode of CHEATS) expect(earned(mode), mode).toBeLessThan(earned('honest'));
    const text = await said('honest');
    expect(text).toContain('answered rightly');
    expect(text).not.toMatch(/limited|timed_out|refused_|unlikely_|other_|cut_short|malformed/);
  });

  it.each(UNPAID)('pays nothing for %s, and says why', async (mode, caught) => {
    const text = await said(mode);
    expect(Object.keys(caught)).toEqual(tasksFor(mode));
    for (const [task, words] of Object.entries(caught) as [TaskName, string[]][]) {
      const came = wordsOf(mode, task);
      expect(words, task).toEqual(expect.arrayContaining(came));
      expect(
        came.some((word) => word !== 'right' && words.includes(word)),
        task,
      ).toBe(true);
      for (const word of came) expect(text, task).toContain(word);
    }
    expect(earned(mode)).toBe(0);
  });

  it.each(REFUSING)('proves less for %s than it states, and says why', async (mode) => {
    for (const task of tasksFor(mode)) {
      expect(['right', ...NO_ROOM], task).toEqual(expect.arrayContaining(wordsOf(mode, task)));
    }
    const refused = wordsOf(mode, 'text').filter((word) => NO_ROOM.includes(word));
    expect(refused).not.toEqual([]);
    expect(whyOf(mode, 'text').proven).toBeLessThan(whyOf(mode, 'text').stated);
    expect(whyOf(mode, 'text').proven).toBeLessThan(whyOf('honest', 'text').proven);
    const text = await said(mode);
    for (const word of refused) expect(text).toContain(word);
    expect(text).toMatch(/proven .*answered rightly in the last full load/);
  });

  it('finds the slow one right, and worth less', async () => {
    for (const task of tasksFor('slow')) {
      expect(wordsOf('slow', task)).toEqual(['right']);
      expect(whyOf('slow', task).worth_ppm).toBeLessThan(0.7 * whyOf('honest', task).worth_ppm);
    }
    expect(await said('slow')).toMatch(/worth .*answered x quality x speed/);
  });
});
