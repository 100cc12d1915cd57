import { describe, expect, it } from 'vitest';
import { createAdmission } from '../../../src/inference/server/admission.ts';
import { createAllowances } from '../../../src/inference/server/allowances.ts';
import { BeyondAllowance, QueueFull } from '../../../src/inference/server/errors.ts';
import { createMemoryTakings } from '../../../src/inference/server/takings.ts';
import type { TakeRequest } from '../../../src/inference/server/takings.ts';
import { createTaskQueue } from '../../../src/inference/server/task-queue.ts';
import { servedTask } from './served.ts';

const served = servedTask('Gemma7b', { volume: 100, concurrency: 1, queue_places: 2 });
const never = new AbortController().signal;

/** Gives promises that can go on the turns to do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('allowances', () => {
  const owed = (_: unknown, caller: string): number => (caller === 'a' ? 10 : 0);

  it('is what is owed, to the unit, until the next period', async () => {
    let nowMs = 599_000;
    const allowances = createAllowances(owed, () => nowMs);
    const giveBack = await allowances.take(served, 'a', 10);
    await expect(allowances.take(served, 'a', 1)).rejects.toThrow(BeyondAllowance);
    expect((await allowances.volumes(served, 0)).get('a')).toEqual({ owed: 10, taken: 10, beyond: 1 });
    nowMs = 600_000;
    await allowances.take(served, 'a', 10);
    // Given back to the period that it was taken from.
    await giveBack();
    expect((await allowances.volumes(served, 1)).get('a')).toEqual({ owed: 10, taken: 10, beyond: 0 });
    expect((await allowances.volumes(served, 0)).get('a')).toEqual({ owed: 10, taken: 0, beyond: 1 });
    nowMs = 1_200_000;
    await expect(allowances.take(served, 'b', 1)).rejects.toThrow(BeyondAllowance);
    expect((await allowances.volumes(served, 0)).size).toBe(0);
  });

  it('says how long the period still runs', async () => {
    const allowances = createAllowances(owed, () => 590_500);
    await expect(allowances.take(served, 'a', 11)).rejects.toThrow(
      expect.objectContaining({ retryAfterMs: 9500 }) as Error,
    );
  });

  it('gives back what is counted only after the caller has gone', async () => {
    const takings = createMemoryTakings();
    let goOn: () => void = () => undefined;
    const away = new Promise<void>((resolve) => (goOn = resolve));
    const slow = { ...takings, take: (request: TakeRequest) => away.then(() => takings.take(request)) };
    const allowances = createAllowances(owed, () => 0, slow);
    const gone = new AbortController();
    const waits = createAdmission(allowances).admit({ served, caller: 'a', units: 3, signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(waits).rejects.toThrow('gone');
    goOn();
    await settle();
    expect(await takings.of('Gemma7b', 0)).toEqual(new Map([['a', { taken: 0, beyond: 0 }]]));
  });
});

describe('queue of a task', () => {
  const bounds = { concurrency: 1, queue_places: 3 };

  it('gives the next turn to whoever has the fewest', async () => {
    const queue = createTaskQueue();
    const order: string[] = [];
    const wide = { ...bounds, concurrency: 2 };
    const endFirst = await queue.enter('a', wide, never);
    const endSecond = await queue.enter('b', wide, never);
    for (const caller of ['a', 'b']) void queue.enter(caller, wide, never).then(() => order.push(caller));
    await settle();
    expect(queue.counts()).toEqual({ running: 2, waiting: 2 });
    endSecond();
    endSecond();
    await settle();
    expect(order).toEqual(['b']);
    endFirst();
    await settle();
    expect(order).toEqual(['b', 'a']);
  });

  it('turns out the newest of whoever holds the most places, and no more than that', async () => {
    const queue = createTaskQueue();
    await queue.enter('a', bounds, never);
    const flood = [1, 2, 3].map(() => queue.enter('a', bounds, never));
    await expect(queue.enter('a', bounds, never)).rejects.toThrow(QueueFull);
    void queue.enter('b', bounds, never);
    await expect(flood[2]).rejects.toThrow(QueueFull);
    // a holds two places and b one: a second of b's would only swap them.
    await expect(queue.enter('b', bounds, never)).rejects.toThrow(QueueFull);
    expect(queue.counts()).toEqual({ running: 1, waiting: 3 });
  });

  it('lets go of who waits no longer', async () => {
    const queue = createTaskQueue();
    const end = await queue.enter('a', bounds, never);
    const gone = new AbortController();
    const waits = queue.enter('b', bounds, gone.signal);
    gone.abort(new Error('gone'));
    await expect(waits).rejects.toThrow('gone');
    end();
    expect(queue.counts()).toEqual({ running: 0, waiting: 0 });
  });

  it('takes new bounds at once', async () => {
    const queue = createTaskQueue();
    await queue.enter('a', bounds, never);
    let began = false;
    void queue.enter('a', bounds, never).then(() => (began = true));
    await queue.enter('b', { ...bounds, concurrency: 3 }, never);
    await settle();
    expect(began).toBe(true);
  });
});

describe('admission', () => {
  it('gives back what a request took that never had its turn, and keeps what one took that had', async () => {
    const allowances = createAllowances(
      () => 10,
      () => 0,
    );
    const admission = createAdmission(allowances);
    const full = { ...served, queue_places: 0 };
    const { end, giveBack } = await admission.admit({ served: full, caller: 'a', units: 4, signal: never });
    await expect(admission.admit({ served: full, caller: 'a', units: 6, signal: never })).rejects.toThrow(QueueFull);
    expect((await allowances.volumes(served, 0)).get('a')?.taken).toBe(4);
    expect(admission.counts()).toEqual([{ task: 'Gemma7b', running: 1, waiting: 0 }]);
    end();
    await admission.admit({ served: full, caller: 'a', units: 6, signal: never });
    expect((await allowances.volumes(served, 0)).get('a')?.taken).toBe(10);
    giveBack();
    await settle();
    expect((await allowances.volumes(served, 0)).get('a')?.taken).toBe(6);
  });
});
