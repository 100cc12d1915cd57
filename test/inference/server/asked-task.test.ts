import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { createAllowances } from '../../../src/inference/server/allowances.ts';
import { askedTask, mostBodyBytes, requestIn } from '../../../src/inference/server/asked-task.ts';
import { capacityOf, capacityStatement, volumeOf, volumeStatement } from '../../../src/inference/server/statements.ts';
import { servedTask } from './served.ts';

const flux = servedTask('FluxSchnell');
const textToImage = servedTask('text-to-image');
const open = servedTask('OpenGeneral');
const gemma = servedTask('Gemma7b');
const serving = [flux, textToImage, open, gemma];

const image = (model: string) => requestIn('images', Buffer.from(JSON.stringify({ model, prompt: 'a hill' })));
const FLUX = 'black-forest-labs/FLUX.1-schnell';

describe('the task that is asked', () => {
  it('is of the model, and of the name where tasks share one', () => {
    expect(askedTask(serving, image(FLUX), undefined)).toBe(flux);
    expect(askedTask(serving, image(FLUX), 'text-to-image')).toBe(textToImage);
    expect(askedTask(serving, image('OpenGeneral'), undefined)).toBe(open);
    expect(askedTask(serving, image('anything'), 'OpenGeneral')).toBe(open);
  });

  it('is none that the signed body does not fit', () => {
    expect(() => askedTask(serving, image('Kolors'), undefined)).toThrow('no task of the model Kolors');
    expect(() => askedTask(serving, image(FLUX), 'Gemma7b')).toThrow('is served here at this path');
    expect(() => askedTask(serving, image('Kolors'), 'FluxSchnell')).toThrow('FluxSchnell is the model');
    const off = { ...flux, task: { ...flux.task, enabled: false } };
    expect(() => askedTask([off], image(FLUX), undefined)).toThrow('no task of the model');
  });

  it('reads bodies strictly', () => {
    expect(() => requestIn('chat', Buffer.from('{'))).toThrow('not JSON');
    expect(() => requestIn('chat', Buffer.from([0x22, 0xff, 0x22]))).toThrow('not JSON');
    expect(() => requestIn('embeddings', Buffer.from('{"model":"m","input":"a","user":"u"}'))).toThrow('user');
  });

  it('bounds bodies by the tasks of their path', () => {
    expect(mostBodyBytes(serving, 'chat')).toBe(64 * 1024 + 1023 * 6);
    expect(mostBodyBytes([servedTask('upscale')], 'images')).toBeGreaterThan(2 * 5 * 1024 * 1024);
    expect(mostBodyBytes(serving, 'embeddings')).toBe(64 * 1024);
  });
});

describe('statements', () => {
  const stater = { netuid: 7, hotkey: '5Miner', nowMs: 42 };

  it('state the capacity of enabled tasks, by name', () => {
    const off = { ...open, task: { ...open.task, enabled: false } };
    const stated = capacityOf([textToImage, off, gemma], stater);
    expect(stated.tasks).toEqual([
      { task: 'Gemma7b', unit: 'requests', period_ms: 600_000, volume: 100, concurrency: 2 },
      { task: 'text-to-image', unit: 'steps', period_ms: 3_600_000, volume: 100, concurrency: 2 },
    ]);
    expect(capacityStatement.parse(JSON.parse(canonicalJson(stated)))).toEqual(stated);
    expect(capacityStatement.safeParse({ ...stated, tasks: [{ ...stated.tasks[0], volume: -1 }] }).success).toBe(false);
  });

  it('state what callers had of a period', async () => {
    const allowances = createAllowances(
      () => 5,
      () => 0,
    );
    await allowances.take(gemma, 'b', 5);
    await allowances.take(gemma, 'a', 2);
    await expect(allowances.take(gemma, 'b', 3)).rejects.toThrow('5 of the 5 units');
    const stated = await volumeOf(gemma, 0, allowances, stater);
    expect(stated.callers).toEqual([
      { caller: 'a', owed: 5, taken: 2, beyond: 0 },
      { caller: 'b', owed: 5, taken: 5, beyond: 3 },
    ]);
    expect(volumeStatement.parse(JSON.parse(canonicalJson(stated)))).toEqual(stated);
  });
});
