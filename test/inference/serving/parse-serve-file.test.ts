import { describe, expect, it } from 'vitest';
import type { JobProblem } from '../../../src/config/job-file/errors.ts';
import { ServeFileRefused } from '../../../src/inference/serving/errors.ts';
import { joinTasks } from '../../../src/inference/serving/join-tasks.ts';
import { parseServeFile } from '../../../src/inference/serving/parse-serve-file.ts';
import type { Serving } from '../../../src/inference/serving/parse-serve-file.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';

const workflow = { 6: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}' } } };
const enlarging = { 8: { class_type: 'LoadImage', inputs: { image: '{{image}}' } } };
const seeded = { ...workflow, 3: { class_type: 'KSampler', inputs: { seed: '{{seed}}' } } };
const files: Record<string, unknown> = {
  '/etc/flux.json': workflow,
  '/etc/seeded.json': seeded,
  '/etc/large.json': enlarging,
  '/etc/text': 'x',
};
const context = {
  env: { THE_KEY: 'a secret' },
  readText: (path: string): string => {
    if (files[path] === undefined) throw new Error(`ENOENT ${path}`);
    return JSON.stringify(files[path]);
  },
};
const openai = { kind: 'openai', url: 'http://127.0.0.1:8000/v1' };
const comfyui = { kind: 'comfyui', url: 'http://127.0.0.1:8188', workflow_file: 'seeded.json' };
const list = tasksOf({ version: 1, presets: { nicheimage: 500_000, vision: 500_000 } }, 'x');

function parse(...serve: object[]): Serving[] {
  return parseServeFile(JSON.stringify({ version: 1, serve }), '/etc/serve.json', context);
}

function problemsOf(...serve: object[]): readonly JobProblem[] {
  try {
    parse(...serve);
  } catch (error) {
    if (error instanceof ServeFileRefused) return error.problems;
    throw error;
  }
  throw new Error('nothing was wrong');
}

const joinProblems = (...serve: object[]): string[] =>
  joinTasks(parse(...serve), list).problems.map(({ place, why }) => `${place}: ${why}`);

describe('a file of what a miner serves', () => {
  it('is read with what it leads to', () => {
    const text = `
      version = 1
      [[serve]]
      task = "Gemma7b"
      volume = 600
      backend = { kind = "openai", url = "http://127.0.0.1:8000/v1", model = "gemma", api_key_env = "THE_KEY" }
      [[serve]]
      task = "FluxSchnell"
      volume = 100
      concurrency = 2
      queue_places = 0
      [serve.backend]
      kind = "comfyui"
      url = "http://127.0.0.1:8188"
      workflow_file = "flux.json"`;
    expect(parseServeFile(text, '/etc/serve.toml', context)).toEqual([
      {
        ...{ task: 'Gemma7b', volume: 600, concurrency: 1, queue_places: 16, isSteps: false },
        engines: [{ kind: 'openai', url: openai.url, model: 'gemma', apiKey: 'a secret' }],
      },
      {
        ...{ task: 'FluxSchnell', volume: 100, concurrency: 2, queue_places: 0, isSteps: false },
        engines: [{ kind: 'comfyui', url: comfyui.url, workflow }],
      },
    ]);
  });

  it('is refused with everything that is wrong with its form', () => {
    const problems = problemsOf(
      { task: 'no name', volume: 0, backend: openai },
      { task: 'a', volume: 1, backend: { ...openai, url: 'ftp://x' } },
      { task: 'b', volume: 1, backend: { kind: 'magic' } },
      { task: 'c', volume: 1 },
      { task: 'd', volume: 1, backend: openai, steps: [openai] },
      { task: 'e', volume: 1, backend: { ...openai, api_key_env: 'SEINE_KEY' } },
    );
    expect(problems.map(({ place }) => place)).toEqual([
      'serve[0].task',
      'serve[0].volume',
      'serve[1].backend.url',
      'serve[2].backend.kind',
      'serve[3]',
      'serve[4]',
      'serve[5].backend.api_key_env',
    ]);
  });

  it('is refused with everything that is wrong with what it leads to', () => {
    const problems = problemsOf(
      { task: 'a', volume: 1, backend: { ...openai, api_key_env: 'NO_KEY' } },
      { task: 'a', volume: 1, backend: { ...comfyui, workflow_file: 'none.json' } },
      { task: 'b', volume: 1, steps: [openai, { ...comfyui, workflow_file: 'text' }] },
    );
    expect(problems).toEqual([
      { place: 'serve[1].task', why: expect.stringContaining('already') as string },
      { place: 'serve[0].backend.api_key_env', why: 'the environment variable NO_KEY is not set' },
      { place: 'serve[1].backend.workflow_file', why: 'ENOENT /etc/none.json' },
      { place: 'serve[2].steps[1].workflow_file', why: expect.stringContaining('API format') as string },
    ]);
  });
});

describe('entries and tasks', () => {
  it('are joined where they fit', () => {
    const large = { ...comfyui, workflow_file: 'large.json' };
    const { joined, problems } = joinTasks(
      parse(
        { task: 'Gemma7b', volume: 5, backend: openai },
        { task: 'FluxSchnell', volume: 5, backend: comfyui },
        { task: 'avatar', volume: 5, steps: [openai, { ...openai, kind: 'automatic1111' }, large] },
      ),
      list,
    );
    expect(problems).toEqual([]);
    expect(joined.map(({ task, volume, isSteps }) => [task.name, volume, isSteps])).toEqual([
      ['Gemma7b', 5, false],
      ['FluxSchnell', 5, false],
      ['avatar', 5, true],
    ]);
  });

  it('are not where they do not, each with its reason', () => {
    expect(joinProblems({ task: 'Gema7b', volume: 1, backend: openai })).toEqual([
      'serve[0].task: there is no task Gema7b; did you mean Gemma7b?',
    ]);
    expect(joinProblems({ task: 'Gemma7b', volume: 1, backend: comfyui })[0]).toContain('not chat');
    expect(joinProblems({ task: 'Gemma7b', volume: 1, steps: [openai] })[0]).toContain('no composed workflow');
    expect(joinProblems({ task: 'avatar', volume: 1, steps: [openai] })[0]).toContain('3 steps');
    const flux = { ...comfyui, workflow_file: 'flux.json' };
    expect(joinProblems({ task: 'FluxSchnell', volume: 1, backend: flux })[0]).toContain('no {{seed}}');
  });
});
