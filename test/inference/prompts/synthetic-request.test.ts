import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/inference/backends/backend.ts';
import { NO_CORPUS, promptCorpusOf } from '../../../src/inference/prompts/prompt-corpus.ts';
import type { PromptCorpus } from '../../../src/inference/prompts/prompt-corpus.ts';
import { memoryHistory } from '../../../src/inference/prompts/prompt-history.ts';
import { NO_SEEDS } from '../../../src/inference/prompts/seed-words.ts';
import { createRequestMaker } from '../../../src/inference/prompts/synthetic-request.ts';
import { requestIn } from '../../../src/inference/server/asked-task.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';
import { requestFault } from '../../../src/inference/tasks/request-fault.ts';
import { TASK_KINDS } from '../../../src/inference/tasks/task.ts';
import type { Task, TaskKind } from '../../../src/inference/tasks/task.ts';
import { chatTexts } from '../../../src/inference/wire/chat.ts';
import { requestImages, requestTexts } from '../../../src/inference/wire/request.ts';
import type { TaskRequest } from '../../../src/inference/wire/request.ts';

const origin = (index: number, task = 'chat') => ({
  block_hash: `0x${'1f'.repeat(32)}`,
  secret: 'ab'.repeat(32),
  miner: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  task,
  index,
});

/** 60 documents of 80 sentences whose words say where they are from. */
const CORPUS = promptCorpusOf(
  Array.from({ length: 60 }, (_, document) =>
    Array.from({ length: 80 }, (_, at) => `Harbour${document} was closed in winter${at} of that year.`).join(' '),
  ),
);

const WORKFLOW = [{ kind: 'upscale', model: 'esrgan' }];

function taskOf(kind: TaskKind): Task {
  const more = kind === 'avatar' ? { workflow: WORKFLOW } : {};
  const entry = { name: kind, kind, model: 'some/model', weight_ppm: 1_000_000, ...more };
  return tasksOf({ version: 1, tasks: [entry] }, 'x').tasks[0] as Task;
}

/** An engine whose pictures are noise, or one colour. */
function painter({ noise }: { noise: boolean }): { backend: Backend; asked: TaskRequest[] } {
  const asked: TaskRequest[] = [];
  const answer: Backend['answer'] = async (request) => {
    asked.push(request);
    if (request.api !== 'images') throw new Error('only images');
    const [width = 1, height = 1] = (request.body.size ?? '').split('x').map(Number);
    const pixels = noise ? randomBytes(width * height * 3) : Buffer.alloc(width * height * 3, 90);
    const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    return { api: 'images', body: { data: [{ b64_json: png.toString('base64') }] } };
  };
  return { backend: { answer, close: () => Promise.resolve() }, asked };
}

function maker(over: { corpus?: PromptCorpus; promptModel?: Backend | null; imageBackend?: Backend | null } = {}) {
  const { corpus = CORPUS, promptModel = null, imageBackend = painter({ noise: true }).backend } = over;
  const sources = () => ({ corpus, seeds: NO_SEEDS });
  return createRequestMaker({ sources, history: memoryHistory(), promptModel, imageBackend });
}

describe('synthetic requests', () => {
  it.each(TASK_KINDS)('of %s are what the task takes, whole and in one order', async (kind) => {
    const task = taskOf(kind);
    const make = maker();
    const members = new Set<string>();
    const count = task.limits.image_max_bytes === 0 ? 60 : 4;
    for (let index = 0; index < count; index++) {
      const { request } = await make(task, origin(index, kind));
      expect(requestFault(task, request)).toBeNull();
      // As a miner reads it: nothing is added, dropped or moved.
      const read = requestIn(request.api, Buffer.from(JSON.stringify(request.body)));
      expect(read).toEqual(request);
      const names = Object.keys(request.body).filter((name) => name !== 'negative_prompt');
      members.add(names.join(' '));
      if (kind !== 'upscale') expect(requestTexts(request).join('\n')).toMatch(/Harbour\d+ was closed/);
    }
    expect(members.size).toBe(1);
  });

  it('are the same from the same origin, others from another, and none twice', async () => {
    const task = taskOf('chat');
    const [make, again] = [maker(), maker()];
    const texts = new Set<string>();
    for (let index = 0; index < 200; index++) {
      const made = await make(task, origin(index));
      expect(await again(task, origin(index))).toEqual(made);
      texts.add(JSON.stringify(made.request.body));
    }
    expect(texts.size).toBe(200);
    const before = await make(task, origin(7));
    expect(before.attempt).toBeGreaterThan(0);
  });

  it('have chats with and without what came before, as customers do', async () => {
    const make = maker();
    const shapes = new Map<string, number>();
    for (let index = 0; index < 300; index++) {
      const { request } = await make(taskOf('chat'), origin(index));
      if (request.api !== 'chat') throw new Error('no chat');
      const roles = request.body.messages.map(({ role }) => role).join(' ');
      shapes.set(roles, (shapes.get(roles) ?? 0) + 1);
      expect(chatTexts(request.body)).toHaveLength(request.body.messages.length);
    }
    expect([...shapes.keys()].sort()).toEqual([
      'system user',
      'system user assistant user',
      'user',
      'user assistant user',
    ]);
    expect(shapes.get('user')).toBeGreaterThan(170);
  });

  it('fill templates where the datasets make too few prompts', async () => {
    const few = { documents: CORPUS.documents.slice(0, 20) };
    for (const corpus of [NO_CORPUS, few]) {
      const { request } = await maker({ corpus })(taskOf('text-to-image'), origin(0));
      expect(requestTexts(request).join()).not.toMatch(/Harbour\d|[{}]/);
    }
  });

  it("are said in a prompt model's words where there is one", async () => {
    const asked: string[] = [];
    const answer: Backend['answer'] = (request) => {
      asked.push(...requestTexts(request));
      const content = `Sure! Here is the message: "why did harbour number ${asked.length} close"`;
      const choices = [{ index: 0, message: { role: 'assistant' as const, content }, finish_reason: 'stop' }];
      return Promise.resolve({ api: 'chat', body: { id: '1', model: 'm', choices } });
    };
    const promptModel = { answer, close: () => Promise.resolve() };
    const { request } = await maker({ promptModel })(taskOf('completion'), origin(0));
    expect(requestTexts(request)).toEqual(['why did harbour number 1 close']);
    expect(asked[0]).toMatch(/Harbour\d+ was closed/);
  });

  it('bring an image that an engine made, within the limits, however simple it is', async () => {
    const { backend, asked } = painter({ noise: false });
    const task = taskOf('inpaint');
    const { request } = await maker({ imageBackend: backend })(task, origin(0));
    expect(requestTexts(asked[0] as TaskRequest).join()).toMatch(/Harbour\d+/);
    const [image = ''] = requestImages(request);
    expect(image.length).toBeGreaterThanOrEqual(task.limits.image_min_bytes);
    expect(image.length).toBeLessThanOrEqual(task.limits.image_max_bytes);
    const { width, height } = await sharp(Buffer.from(image, 'base64')).metadata();
    if (request.api !== 'images') throw new Error('no images');
    const mask = await sharp(Buffer.from(request.body.mask ?? '', 'base64'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([mask.info.width, mask.info.height]).toEqual([width, height]);
    const white = mask.data.filter((value) => value === 255).length / mask.data.length;
    expect(white).toBeGreaterThan(0.03);
    expect(white).toBeLessThan(0.4);
  });

  it('of tasks that need an image are not made without a backend', async () => {
    await expect(maker({ imageBackend: null })(taskOf('multimodal'), origin(0))).rejects.toThrow(
      'name an image backend',
    );
  });
});
