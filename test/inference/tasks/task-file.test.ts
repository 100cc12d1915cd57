import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTaskFile } from '../../../src/inference/tasks/task-file.ts';
import type { TaskChange, TaskFile } from '../../../src/inference/tasks/task-file.ts';

let folder = '';
let path = '';
let file: TaskFile | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tasks-'));
  path = join(folder, 'tasks.json');
});

afterEach(async () => {
  file?.close();
  file = null;
  await rm(folder, { recursive: true });
});

const write = (weights: Record<string, number>, more: object = {}) =>
  writeFile(
    path,
    JSON.stringify({
      version: 1,
      tasks: Object.entries(weights).map(([name, weight_ppm]) => ({ name, kind: 'chat', model: 'm', weight_ppm })),
      ...more,
    }),
  );

describe('a file of tasks that changes', () => {
  it('is in use as soon as it is looked at again, without a restart', async () => {
    await write({ a: 500_000, b: 500_000 });
    const changes: TaskChange[] = [];
    file = await openTaskFile({ path, onChange: (change) => changes.push(change) });
    const before = file.current().digest;
    await file.poll();
    expect(changes).toEqual([]);
    await write({ b: 600_000, c: 400_000 });
    await file.poll();
    expect(changes).toMatchObject([{ added: ['c'], changed: ['b'], removed: ['a'] }]);
    expect(file.current().list.tasks.map(({ name }) => name)).toEqual(['b', 'c']);
    expect(file.current().digest).not.toBe(before);
  });

  it('keeps the last good version while the file is wrong or gone, tells once, and takes the next good one', async () => {
    await write({ a: 1_000_000 });
    const refusals: string[] = [];
    file = await openTaskFile({ path, onRefused: (error) => refusals.push(error.message) });
    const { digest } = file.current();
    await write({ a: 1_000_000, b: 5 });
    await file.poll();
    await file.poll();
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain('add up to 1000005');
    expect(file.refused()?.problems).toHaveLength(1);
    expect(file.current().digest).toBe(digest);
    await rm(path);
    await file.poll();
    expect(refusals).toHaveLength(2);
    expect(file.current().digest).toBe(digest);
    await write({ a: 999_995, b: 5 });
    await file.poll();
    expect(file.refused()).toBeNull();
    expect(file.current().list.tasks).toHaveLength(2);
  });

  it('sees a file that was put in its place, and one that says the same in other words', async () => {
    await write({ a: 1_000_000 });
    const changes: TaskChange[] = [];
    file = await openTaskFile({ path, onChange: (change) => changes.push(change) });
    await write({ a: 1_000_000 }, { remove: [] });
    await file.poll();
    expect(changes).toEqual([]);
    const aside = join(folder, 'new.json');
    await writeFile(
      aside,
      JSON.stringify({ version: 1, tasks: [{ name: 'z', kind: 'chat', model: 'm', weight_ppm: 1_000_000 }] }),
    );
    await rename(aside, path);
    await file.poll();
    expect(changes).toMatchObject([{ added: ['z'], removed: ['a'] }]);
  });

  it('a look that is asked for after a change sees it, even while another look is under way', async () => {
    await write({ a: 1_000_000 });
    file = await openTaskFile({ path });
    const early = file.poll();
    await write({ b: 1_000_000 });
    await file.poll();
    expect(file.current().list.tasks.map(({ name }) => name)).toEqual(['b']);
    await early;
  });

  it('is not taken while half of it is written, though that half reads well', async () => {
    await write({ a: 500_000, b: 500_000 });
    const changes: TaskChange[] = [];
    file = await openTaskFile({ path, onChange: (change) => changes.push(change) });
    await write({ a: 1_000_000 });
    const looked = file.poll();
    await pause(20);
    await write({ a: 500_000, b: 400_000, c: 100_000 });
    await looked;
    expect(changes).toMatchObject([{ added: ['c'], changed: ['b'], removed: [] }]);
  });

  it('looks by itself', async () => {
    await write({ a: 1_000_000 });
    const changed = new Promise<TaskChange>((resolve) => {
      void openTaskFile({ path, pollMs: 5, onChange: resolve }).then(async (opened) => {
        file = opened;
        await write({ b: 1_000_000 });
      });
    });
    expect((await changed).added).toEqual(['b']);
  });

  it('is refused at the start where it is none', async () => {
    await expect(openTaskFile({ path })).rejects.toThrow('ENOENT');
  });
});
