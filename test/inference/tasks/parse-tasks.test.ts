import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { PPM } from '../../../src/core/units.ts';
import { apportion } from '../../../src/inference/tasks/apportion.ts';
import { TasksRefused } from '../../../src/inference/tasks/errors.ts';
import { DEFAULT_TASK_FILE, parseTasks, tasksDigest, tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';
import { taskNamed, UnknownTask } from '../../../src/inference/tasks/registry.ts';
import type { TaskList } from '../../../src/inference/tasks/task.ts';

const ONE = { name: 'talk', kind: 'chat', model: 'tiny', weight_ppm: PPM };

describe('presets of tasks', () => {
  it('NicheImage has its 13 categories with their published weights', () => {
    const { tasks } = tasksOf({ version: 1, presets: { nicheimage: PPM } }, 'x');
    expect(Object.fromEntries(tasks.map(({ name, weight_ppm }) => [name, weight_ppm]))).toEqual({
      ...{ GoJourney: 40_000, AnimeV3: 180_000, JuggernautXL: 150_000, RealitiesEdgeXL: 190_000, Gemma7b: 30_000 },
      ...{ Llama3_70b: 50_000, StickerMaker: 30_000, SUPIR: 80_000, Kolors: 100_000, FluxSchnell: 120_000 },
      ...{ Pixtral_12b: 10_000, OpenGeneral: 10_000, OpenDigitalArt: 10_000 },
    });
    expect(total({ version: 1, tasks })).toBe(PPM);
    expect(tasks.filter(({ model }) => model === null).map(({ name }) => name)).toEqual([
      'OpenDigitalArt',
      'OpenGeneral',
    ]);
    expect(tasks.every(({ period_ms, scored }) => period_ms === 600_000 && scored === 'one')).toBe(true);
  });

  it('Vision has a task for each part of its API, of periods of an hour, and sums to one', () => {
    const list = tasksOf({ version: 1, presets: { vision: PPM } }, 'x');
    expect(new Set(list.tasks.map(({ kind }) => kind))).toEqual(
      new Set([
        ...['chat', 'completion', 'text-to-image', 'image-to-image', 'inpaint', 'upscale', 'avatar', 'embedding'],
      ]),
    );
    expect(total(list)).toBe(PPM);
    expect(list.tasks.every(({ period_ms }) => period_ms === 3_600_000)).toBe(true);
    expect(taskNamed(list, 'chat-large').speed).toEqual({ overhead_ms: 500, mean_us: 180_000, variance_milli: 3000 });
  });

  it('both together share the whole, and their canonical JSON is their digest', () => {
    const list = tasksOf(DEFAULT_TASK_FILE, 'x');
    expect(list.tasks).toHaveLength(22);
    expect(total(list)).toBe(PPM);
    expect(tasksDigest(list)).toMatch(/^[0-9a-f]{64}$/);
    expect(canonicalJson(list)).toContain('"name":"SUPIR"');
  });
});

describe('a file of tasks', () => {
  it('adds, changes and removes tasks of a preset, and weighs them anew where it asks for that', () => {
    const list = parseTasks(
      `version = 1
       remove = ["Kolors"]
       rescale = true
       [presets]
       nicheimage = 1_000_000
       [[tasks]]
       name = "SUPIR"
       timeout_ms = 90_000
       [[tasks]]
       name = "OpenSketch"
       kind = "text-to-image"
       open = true
       weight_ppm = 50_000
       [[tasks]]
       name = "FluxSchnell"
       enabled = false`,
      'tasks.toml',
    );
    expect(list.tasks).toHaveLength(13);
    expect(total(list)).toBe(PPM);
    expect(taskNamed(list, 'SUPIR')).toMatchObject({ kind: 'upscale', timeout_ms: 90_000, period_ms: 600_000 });
    expect(taskNamed(list, 'OpenSketch')).toMatchObject({ model: null, check: { method: 'open-image' } });
    expect(() => taskNamed(list, 'FluxSchnell')).toThrow(UnknownTask);
    expect(() => taskNamed(list, 'OpenSketsh')).toThrow('did you mean OpenSketch?');
    // 50,000 of what is left: 1,000,000 - Kolors - FluxSchnell + 50,000.
    expect(taskNamed(list, 'OpenSketch').weight_ppm).toBe(Math.round((50_000 * PPM) / 830_000));
  });

  it('says the same in TOML and JSON, in whatever order', () => {
    const toml = 'version = 1\n[[tasks]]\nname = "b"\nkind = "chat"\nmodel = "m"\nweight_ppm = 400_000\n'.concat(
      '[[tasks]]\nname = "a"\nkind = "chat"\nmodel = "m"\nweight_ppm = 600_000\n',
    );
    const entry = (name: string, weight_ppm: number) => ({ weight_ppm, model: 'm', kind: 'chat', name });
    const json = JSON.stringify({ tasks: [entry('a', 600_000), entry('b', 400_000)], version: 1 });
    expect(tasksDigest(parseTasks(toml, 'a.toml'))).toBe(tasksDigest(parseTasks(json, 'a.json')));
  });

  it('another method brings its own thresholds; the same keeps those that are not named', () => {
    const change = (check: object) =>
      taskNamed(
        tasksOf({ version: 1, presets: { nicheimage: PPM }, tasks: [{ name: 'Kolors', check }] }, 'x'),
        'Kolors',
      ).check;
    expect(change({ method: 'image-similarity' })).toEqual({
      ...{ method: 'image-similarity', grading: 'match', match_ppm: 950_000 },
    });
    expect(change({ grading: 'graded', most_hash_bits: 8 })).toEqual({
      ...{ method: 'image-match', grading: 'graded', match_cosine_ppm: 900_000, least_cosine_ppm: 400_000 },
      most_hash_bits: 8,
    });
  });

  it('is refused with all that is wrong at once', () => {
    const error = refusal({
      version: 1,
      presets: { vision: 500_000, wision: 1 },
      remove: ['upscaler'],
      tasks: [
        { ...ONE, timeout_ms: 1, spead: {} },
        { ...ONE, kind: 'talking' },
        {
          name: 'pic',
          kind: 'text-to-image',
          model: 'm',
          weight_ppm: 1,
          unit: 'tokens',
          check: { method: 'text-top-tokens' },
        },
        { name: 'face', kind: 'avatar', model: 'm', weight_ppm: 1 },
      ],
    });
    expect(error.problems.map(({ place }) => place)).toEqual([
      'presets.wision',
      'remove[0]',
      'tasks[0].timeout_ms',
      'tasks[0]',
      'tasks[1].kind',
      'tasks[2].check.method',
      'tasks[2].unit',
      'tasks[3].workflow',
      'tasks[1].name',
    ]);
    expect(error.message).toContain('did you mean upscale?');
    expect(error.message).toContain('"spead"');
  });

  it.each([
    [
      'weights that add up to more',
      {
        tasks: [
          { ...ONE, weight_ppm: PPM },
          { ...ONE, name: 'b' },
        ],
      },
      'add up to 2000000',
    ],
    ['nothing enabled', { tasks: [{ ...ONE, enabled: false }] }, 'no task is enabled'],
    ['nothing paid', { tasks: [{ ...ONE, weight_ppm: 0 }], rescale: true }, 'every weight_ppm is 0'],
    ['an open chat', { tasks: [{ ...ONE, model: null }] }, 'an open category makes images'],
    ['images for a chat', { tasks: [{ ...ONE, limits: { image_max_bytes: 5 } }] }, 'brings no image'],
    ['a fixed model judged by taste', { tasks: [{ ...ONE, check: { method: 'open-image' } }] }, 'not by open-image'],
    [
      'a preset that is removed and changed',
      { presets: { vision: PPM }, remove: ['avatar'], tasks: [{ name: 'avatar' }] },
      'leave one',
    ],
    ['a fraction of a weight', { tasks: [{ ...ONE, weight_ppm: 0.5 }] }, 'tasks[0].weight_ppm'],
  ])('refuses %s', (_, file, why) => {
    expect(refusal({ version: 1, ...file }).message).toContain(why);
  });

  it.each([
    ['tasks.toml', 'version = ', 'line 1'],
    ['tasks.json', '{', 'file:'],
    ['tasks.yaml', '', '.toml or .json'],
    ['tasks.json', '[]', 'file:'],
  ])('refuses %s that holds %j', (file, text, why) => {
    expect(() => parseTasks(text, file)).toThrow(why);
  });
});

describe('shares', () => {
  it('add up exactly, in their proportion', () => {
    expect(apportion([1, 1, 1], 100)).toEqual([34, 33, 33]);
    expect(apportion([3, 0, 1], PPM)).toEqual([750_000, 0, 250_000]);
    expect(apportion([0, 0], PPM)).toEqual([0, 0]);
    expect(apportion([], PPM)).toEqual([]);
  });
});

function total({ tasks }: TaskList): number {
  return tasks.reduce((sum, task) => sum + (task.enabled ? task.weight_ppm : 0), 0);
}

function refusal(file: unknown): TasksRefused {
  try {
    tasksOf(file, 'tasks.json');
  } catch (error) {
    if (error instanceof TasksRefused) return error;
  }
  throw new Error('it was not refused');
}
