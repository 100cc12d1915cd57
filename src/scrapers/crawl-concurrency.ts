import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** What tells whether this process can take on more. */
export interface Load {
  /** Pages under way at most, so far. */
  limit: number;
  /** Whether that many were, with more to do. */
  isBusy: boolean;
  /** How late the event loop was, on average since the last look. */
  lagMs: number;
  /** Part of the heap's limit that is in use, 0 to 1. */
  heapShare: number;
}

/** Pages to have under way from now on: a few more while the process keeps up and work waits, a quarter fewer when it does not. */
export function nextLimit({ limit, isBusy, lagMs, heapShare }: Load): number {
  if (lagMs > LATE_MS || heapShare > FULL) return Math.max(MIN_AT_ONCE, Math.floor(limit * 0.75));
  if (isBusy && lagMs < IN_TIME_MS) return Math.min(MAX_AT_ONCE, limit + Math.max(1, Math.floor(limit / 8)));
  return limit;
}

/** How many pages all crawls of a process have under way, fitted to what it can carry. */
export interface Concurrency {
  /** Whether another page may begin; it is then to `leave` when it has ended. A batch with nothing under way may always begin one. */
  enter(isFirst: boolean): boolean;
  leave(): void;
}

export function createConcurrency(): Concurrency {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let limit = START_AT_ONCE;
  let underWay = 0;
  let isBusy = false;
  let lookedAtMs = Date.now();

  function look(): void {
    const now = Date.now();
    if (now - lookedAtMs < LOOK_MS) return;
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    // Without a sample the mean is not a number.
    const lagMs = delays.count === 0 ? 0 : Math.max(0, delays.mean / 1e6 - RESOLUTION_MS);
    limit = nextLimit({ limit, isBusy, lagMs, heapShare: used_heap_size / heap_size_limit });
    lookedAtMs = now;
    isBusy = false;
    delays.reset();
  }

  return {
    enter(isFirst) {
      if (!isFirst && underWay >= limit) {
        isBusy = true;
        return false;
      }
      underWay += 1;
      return true;
    },
    leave() {
      underWay -= 1;
      look();
    },
  };
}

const START_AT_ONCE = 8;
const MIN_AT_ONCE = 2;
/** Sockets, and pages of up to 5 MB in memory. */
const MAX_AT_ONCE = 64;
/** Answers wait unread for so long: more requests would only make theirs time out. */
const LATE_MS = 60;
const IN_TIME_MS = 30;
const FULL = 0.85;
const LOOK_MS = 250;
/** How often the event loop is asked whether it is late. */
const RESOLUTION_MS = 10;
