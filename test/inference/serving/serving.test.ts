import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedBackend } from '../../../src/inference/backends/embedded/embedded-backend.ts';
import type { Backend } from '../../../src/inference/backends/backend.ts';
import { openServing } from '../../../src/inference/serving/serving.ts';
import type { LiveServing, ServingOptions } from '../../../src/inference/serving/serving.ts';
import type { TaskRequest } from '../../../src/inference/wire/request.ts';
import { startModelStandIn } from '../../../stack/model-stand-in/server.ts';
import type { ModelStandIn } from '../../../stack/model-stand-in/server.ts';

let folder = '';
let engine: ModelStandIn;
let live: LiveServing | null = null;
const logged: string[] = [];
const never = new AbortController().signal;
const chat: TaskRequest = {
  api: 'chat',
  body: { model: 'm', messages: [{ role: 'user', content: 'a' }], max_tokens: 8 },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serving-'));
  engine = await startModelStandIn();
});
afterEach(async () => {
  await live?.close();
  live = null;
  logged.length = 0;
  await engine.close();
  await rm(folder, { recursive: true });
});

const task = (name: string, more: object = {}) => ({ name, kind: 'chat', model: 'm', weight_ppm: 1, ...more });
const entry = (name: string, volume = 10) => ({
  ...{ task: name, volume },
  backend: { kind: 'openai', url: engine.url, model: `of ${name}` },
});
const writeTasks = (...tasks: object[]) =>
  writeFile(join(folder, 'tasks.json'), JSON.stringify({ version: 1, rescale: true, tasks }));
const writeServe = (...serve: object[]) => writeFile(join(folder, 'serve.json'), JSON.stringify({ version: 1, serve }));

async function start(over: Partial<ServingOptions> = {}): Promise<LiveServing> {
  live = await openServing({
    ...{ serveFile: join(folder, 'serve.json'), tasksFile: join(folder, 'tasks.json'), pollMs: 3_600_000 },
    ...{
      env: {},
      network: { userAgent: 'seine-test' },
      openEmbedded: (model) => openEmbeddedBackend({ enginesFolder: undefined, ...model }),
    },
    log: (message, details) => logged.push(`${message} ${JSON.stringify(details)}`),
    ...over,
  });
  return live;
}

const served = (): string[] => (live?.serving() ?? []).map((item) => `${item.task.name} ${item.volume}`);

describe('what a miner serves by its files', () => {
  it('changes with them, without a restart', async () => {
    await writeTasks(task('a'), task('b'));
    await writeServe(entry('a'));
    const running = await start();
    expect(served()).toEqual(['a 10']);
    await writeServe(entry('a', 20), entry('b'));
    await running.poll();
    expect(served()).toEqual(['a 20', 'b 10']);
    await writeTasks(task('b', { timeout_ms: 1234 }));
    await running.poll();
    expect(served()).toEqual(['b 10']);
    expect(running.serving()[0]?.task.timeout_ms).toBe(1234);
    // The entry is still there: its task may come back.
    expect(running.health()).toEqual({ tasks: 1, refused: ['serve[0].task'] });
    expect(logged.join()).toContain('there is no task a; did you mean b?');
    await writeTasks(task('a'), task('b'));
    await running.poll();
    expect(served()).toEqual(['a 20', 'b 10']);
    expect(running.health()).toEqual({ tasks: 2, refused: [] });
  });

  it('stays while a file is wrong, which says why', async () => {
    await writeTasks(task('a'));
    await writeServe(entry('a'));
    const running = await start();
    await writeServe({ ...entry('a'), volume: 0 });
    await running.poll();
    expect(served()).toEqual(['a 10']);
    expect(running.health().refused).toEqual(['serve[0].volume']);
    expect(logged.join()).toContain('serve[0].volume');
    await writeServe(entry('a', 7));
    await running.poll();
    expect(running.health()).toEqual({ tasks: 1, refused: [] });
    expect(served()).toEqual(['a 7']);
  });

  it('tells strangers where a file is wrong, and nothing that stands in it', async () => {
    await writeTasks(task('a'));
    await writeServe(entry('a'));
    const running = await start();
    await writeFile(join(folder, 'serve.json'), '{"version":1,"api_key":"sk-secret"');
    await running.poll();
    expect(running.health()).toEqual({ tasks: 1, refused: ['file'] });
    await writeServe({
      task: 'a',
      volume: 1,
      backend: { kind: 'comfyui', url: engine.url, workflow_file: 'none.json' },
    });
    await running.poll();
    expect(running.health()).toEqual({ tasks: 1, refused: ['serve[0].backend.workflow_file'] });
    expect(logged.join()).toContain(join(folder, 'none.json'));
    await rm(join(folder, 'serve.json'));
    await running.poll();
    expect(running.health()).toEqual({ tasks: 1, refused: ['file'] });
    expect(served()).toEqual(['a 10']);
  });

  it('takes a file that names a task before there is one as soon as there is', async () => {
    await writeTasks(task('a'));
    await writeServe(entry('a'));
    const running = await start();
    await writeServe(entry('a', 20), entry('b'));
    await running.poll();
    expect(served()).toEqual(['a 10']);
    expect(running.health().refused).toEqual(['serve[1].task']);
    await writeTasks(task('a'), task('b'));
    await running.poll();
    expect(served()).toEqual(['a 20', 'b 10']);
    expect(running.health().refused).toEqual([]);
  });

  it('is refused at the start where the file is none, and only lessened where a task is gone', async () => {
    await writeTasks(task('a'));
    await writeServe({ task: 'a' });
    await expect(start()).rejects.toMatchObject({ name: 'ServeFileRefused' });
    await writeServe(entry('a'), entry('gone'));
    const running = await start();
    expect(served()).toEqual(['a 10']);
    expect(running.health().refused).toHaveLength(1);
  });

  it('is of the tasks that ship where no file of tasks is named', async () => {
    await writeServe(entry('Gemma7b'));
    await start({ tasksFile: null });
    expect(served()).toEqual(['Gemma7b 10']);
  });
});

describe('the backends of what is served', () => {
  it('are asked each for its own task, streamed or not', async () => {
    await writeTasks(task('a'), task('b'));
    await writeServe(entry('a'), entry('b'));
    const { backend, serving } = await start();
    const [a, b] = serving().map((item) => item.task);
    if (a === undefined || b === undefined) throw new Error('two tasks are served');
    const whole = await backend.answer(a, chat, never);
    const text = whole.api === 'chat' ? whole.body.choices[0]?.message.content : '';
    const streamed = { ...chat, body: { ...chat.body, stream: true } } as TaskRequest;
    let joined = '';
    for await (const chunk of backend.stream(b, streamed, never)) {
      const choice = chunk.choices[0];
      if (choice !== undefined && 'delta' in choice) joined += choice.delta.content ?? '';
    }
    expect(joined).toBe(text);
    expect(engine.requests.map(({ body }) => body.model)).toEqual(['of a', 'of b']);
  });

  it('stop when nobody takes the stream, and pass on what fails', async () => {
    await writeTasks(task('a', { timeout_ms: 5000 }));
    await writeServe(entry('a'));
    const { backend, serving } = await start();
    const [a] = serving().map((item) => item.task);
    if (a === undefined) throw new Error('a task is served');
    const streamed = { ...chat, body: { ...chat.body, stream: true } } as TaskRequest;
    for await (const chunk of backend.stream(a, streamed, never)) {
      expect(chunk.model).toBe('m');
      break;
    }
    engine.setMode('cut_off');
    const all = async (): Promise<void> => {
      for await (const chunk of backend.stream(a, streamed, never)) expect(chunk.model).toBe('m');
    };
    await expect(all()).rejects.toMatchObject({ name: 'BackendFailed' });
  });

  it('stay while they are as they were, and are closed once their last request is over', async () => {
    const opened: string[] = [];
    const closed: string[] = [];
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const openEmbedded = (options: { modelFile: string }): Promise<Backend> => {
      const name = options.modelFile.slice(folder.length + 1);
      opened.push(name);
      return Promise.resolve({
        answer: async () => {
          await held;
          return { api: 'embeddings', body: { model: name, data: [{ index: 0, embedding: [1] }] } };
        },
        close: () => {
          closed.push(name);
          return Promise.resolve();
        },
      });
    };
    const embedded = (volume: number, file: string) => ({
      ...{ task: 'a', volume },
      backend: { kind: 'embedded', model_file: file },
    });
    await writeTasks(task('a'));
    await writeServe(embedded(1, 'one.gguf'));
    const running = await start({ openEmbedded });
    const [a] = running.serving().map((item) => item.task);
    if (a === undefined) throw new Error('a task is served');
    const under = running.backend.answer(a, chat, never);
    await writeServe(embedded(2, 'one.gguf'));
    await running.poll();
    expect([served(), closed]).toEqual([['a 2'], []]);
    await writeServe(embedded(2, 'two.gguf'));
    await running.poll();
    const next = running.backend.answer(a, chat, never);
    expect(opened).toEqual(['one.gguf', 'two.gguf']);
    expect(closed).toEqual([]);
    goOn();
    expect((await under).body).toMatchObject({ model: 'one.gguf' });
    await next;
    expect(closed).toEqual(['one.gguf']);
  });

  it('that nothing here runs say what to do', async () => {
    await writeTasks(task('a'));
    await writeServe({ task: 'a', volume: 1, backend: { kind: 'embedded', model_file: 'x.gguf' } });
    const { backend, serving, health } = await start();
    // Before anybody asked.
    await expect.poll(() => logged.join()).toContain('--engines');
    expect(health()).toEqual({ tasks: 1, refused: ['serve[0].backend'] });
    const [a] = serving().map((item) => item.task);
    if (a === undefined) throw new Error('a task is served');
    await expect(backend.answer(a, chat, never)).rejects.toMatchObject({ name: 'EnginesMissing' });
  });

  it('are opened with their file, and tried again with the next request', async () => {
    const opened: string[] = [];
    const openEmbedded = ({ modelFile }: { modelFile: string }): Promise<Backend> => {
      opened.push(modelFile);
      if (opened.length === 1) return Promise.reject(new Error('half a file'));
      const body = { model: 'm', data: [{ index: 0, embedding: [1] }] };
      return Promise.resolve({
        answer: () => Promise.resolve({ api: 'embeddings', body }),
        close: () => Promise.resolve(),
      });
    };
    await writeTasks(task('a'));
    await writeServe({ task: 'a', volume: 1, backend: { kind: 'embedded', model_file: 'x.gguf' } });
    const { backend, serving, health } = await start({ openEmbedded });
    await expect.poll(() => logged.join()).toContain('half a file');
    expect(health().refused).toEqual(['serve[0].backend']);
    const [a] = serving().map((item) => item.task);
    if (a === undefined) throw new Error('a task is served');
    await backend.answer(a, chat, never);
    expect([opened.length, health().refused]).toEqual([2, []]);
  });
});
