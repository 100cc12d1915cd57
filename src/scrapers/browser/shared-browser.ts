import type { Showing } from './answer.ts';
import { openLane } from './lane.ts';
import type { Lane, OpenPage } from './lane.ts';
import { killIfAlive, launchBrowser } from './launch.ts';
import type { LaunchedBrowser } from './launch.ts';
import { memoryOf, residentBytes } from './memory.ts';
import { createSlots } from './slots.ts';

export interface SharedBrowserOptions {
  executablePath: string;
  /** Pages shown at the same time. */
  pages: number;
  userAgent: string;
  /** Resident memory of all its processes, in MiB, beyond which another browser takes over; on systems with /proc. @default 1500 */
  maxMemoryMb?: number;
  /** Pages after which another browser takes over. @default 1000 */
  maxPages?: number;
  log: (line: string) => void;
}

/** One browser for all jobs; what a page may load is the showing's to say. */
export interface SharedBrowser {
  /** Waits for a free page; resolves with what gives it back. Rejects with the signal's reason. */
  turn(signal?: AbortSignal): Promise<() => void>;
  /** Opens a page, lets `work` use it, and closes it. Rejects as Lane.show does, or as a launch does. */
  show<T>(showing: Showing, work: (open: OpenPage) => Promise<T>): Promise<T>;
  /** Ends the browser, and what is shown in it. */
  close(): Promise<void>;
}

/** One run of the browser's program. */
interface Run {
  launched: LaunchedBrowser;
  idle: Lane[];
  busy: number;
  shown: number;
  isRetired: boolean;
  /** Set once it is being closed. */
  closing: Promise<void> | null;
  watch: NodeJS.Timeout;
}

/** Nothing is started before the first page is shown; a browser that died or is retired is followed by a new one. */
export function openSharedBrowser(options: SharedBrowserOptions): SharedBrowser {
  const { maxMemoryMb = 1500, maxPages = 1000, log } = options;
  const maxBytes = maxMemoryMb * 1024 * 1024;
  const slots = createSlots(options.pages);
  const ending = new Set<Promise<void>>();
  let starting: Promise<Run> | null = null;
  let isClosed = false;

  async function start(): Promise<Run> {
    const launched = await launchBrowser(options.executablePath, log);
    const watch = setInterval(() => void checkMemory(run).catch(() => undefined), WATCH_MS).unref();
    const run: Run = { launched, idle: [], busy: 0, shown: 0, isRetired: false, closing: null, watch };
    launched.browser.once('disconnected', () => retire(run));
    if (isClosed) retire(run);
    return run;
  }

  async function current(): Promise<Run> {
    if (isClosed) throw new Error('the browser is closed');
    starting ??= start();
    const own = starting;
    try {
      const run = await own;
      if (!run.isRetired) return run;
    } catch (error) {
      if (starting === own) starting = null;
      throw error;
    }
    if (starting === own) starting = null;
    return current();
  }

  /** No page is begun in it any more; the pages in work finish. */
  function retire(run: Run): void {
    run.isRetired = true;
    if (run.busy > 0 || run.closing !== null) return;
    clearInterval(run.watch);
    const closing = run.launched.close().finally(() => ending.delete(closing));
    run.closing = closing;
    ending.add(closing);
  }

  async function checkMemory(run: Run): Promise<void> {
    const processes = await memoryOf(await run.launched.pids());
    const bytes = residentBytes(processes);
    if (bytes <= maxBytes) return;
    if (!run.isRetired) {
      log(`the browser holds ${Math.round(bytes / 1_048_576)} MiB, over ${maxMemoryMb}; another takes over`);
      retire(run);
    }
    // It may be one page that takes it all, and then its process alone goes.
    if (bytes <= maxBytes * RUNAWAY) return;
    const fattest = processes.toSorted((a, b) => b.ownBytes - a.ownBytes)[0];
    if (fattest !== undefined) killIfAlive(fattest.pid);
  }

  async function giveBack(run: Run, lane: Lane | null): Promise<void> {
    const isDone = lane !== null && (lane.isBroken || lane.shown >= LANE_PAGES);
    const isStuck =
      isDone &&
      !(await lane.close().then(
        () => true,
        () => false,
      )) &&
      run.launched.browser.isConnected();
    run.busy -= 1;
    run.shown += 1;
    if (lane !== null && !isDone && !run.isRetired) run.idle.push(lane);
    if (run.isRetired || isStuck || run.shown >= maxPages) retire(run);
  }

  return {
    turn: (signal) => slots.take(signal),
    async show(showing, work) {
      const run = await current();
      run.busy += 1;
      let lane: Lane | null = null;
      try {
        lane = run.idle.pop() ?? (await openLane(run.launched.browser, options.userAgent));
        return await lane.show(showing, work);
      } finally {
        await giveBack(run, lane);
      }
    },
    async close() {
      isClosed = true;
      const run = await starting?.catch(() => null);
      if (run !== undefined && run !== null) {
        run.busy = 0;
        retire(run);
      }
      await Promise.all(ending);
    },
  };
}

const WATCH_MS = 1000;
/** Beyond this many times its memory the browser is not waited for. */
const RUNAWAY = 2;
/** Pages that one context shows; what it still keeps of them goes with it. */
const LANE_PAGES = 100;
