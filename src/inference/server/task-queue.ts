import { QueueFull } from './errors.ts';
import type { ServedTask } from './served-task.ts';

/** Requests of one task: some are worked on, some wait. */
export interface TaskQueue {
  /**
   * Waits for a turn.
   * @param bounds as they are now; the newest hold for all
   * @returns ends the turn; calling it again does nothing
   * @throws QueueFull; the reason of the signal where that comes first
   */
  enter: (caller: string, bounds: QueueBounds, signal: AbortSignal) => Promise<() => void>;
  counts: () => { running: number; waiting: number };
}

export type QueueBounds = Pick<ServedTask, 'concurrency' | 'queue_places'>;

interface Waiting {
  caller: string;
  start: () => void;
  refuse: (error: QueueFull) => void;
}

/**
 * A queue in which no caller starves another: the next turn goes to whoever has the fewest (of those, to the one that waited longest), and a full queue turns
 * out the newest request of whoever holds the most places, in favour of one that holds fewer ("longest queue drop", Suter et al. 1998).
 */
export function createTaskQueue(): TaskQueue {
  const running = new Map<string, number>();
  const waiting: Waiting[] = [];
  let bounds: QueueBounds = { concurrency: 0, queue_places: 0 };

  const total = (): number => [...running.values()].reduce((sum, count) => sum + count, 0);

  const begin = (caller: string): (() => void) => {
    running.set(caller, (running.get(caller) ?? 0) + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (running.get(caller) ?? 1) - 1;
      if (left === 0) running.delete(caller);
      else running.set(caller, left);
      startNext();
    };
  };

  const startNext = (): void => {
    while (total() < bounds.concurrency && waiting.length > 0) {
      const turns = waiting.map(({ caller }) => running.get(caller) ?? 0);
      const [next] = waiting.splice(turns.indexOf(Math.min(...turns)), 1);
      next?.start();
    }
  };

  const makePlace = (caller: string): void => {
    if (waiting.length < bounds.queue_places) return;
    const places = new Map<string, number>();
    for (const item of waiting) places.set(item.caller, (places.get(item.caller) ?? 0) + 1);
    const most = Math.max(...places.values());
    const newest = waiting.findLast((item) => places.get(item.caller) === most);
    // At a difference of one, turning out would only swap who has more.
    if (newest === undefined || most <= (places.get(caller) ?? 0) + 1) throw new QueueFull(bounds.queue_places);
    waiting.splice(waiting.indexOf(newest), 1);
    newest.refuse(new QueueFull(bounds.queue_places));
  };

  return {
    async enter(caller, newest, signal) {
      bounds = newest;
      signal.throwIfAborted();
      startNext();
      if (total() < bounds.concurrency) return begin(caller);
      makePlace(caller);
      return await new Promise((resolve, reject) => {
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(item), 1);
          reject(signal.reason as Error);
        };
        const item: Waiting = {
          caller,
          start: () => {
            signal.removeEventListener('abort', onAbort);
            resolve(begin(caller));
          },
          refuse: (error) => {
            signal.removeEventListener('abort', onAbort);
            reject(error);
          },
        };
        waiting.push(item);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    counts: () => ({ running: total(), waiting: waiting.length }),
  };
}
