import type { JobProblem } from '../../config/job-file/errors.ts';
import { messageOf } from '../../core/errors.ts';
import type { Backend } from '../backends/backend.ts';
import type { FileRefused } from '../file-refused.ts';
import type { ServerBackend } from '../server/backend.ts';
import type { ServedTask } from '../server/served-task.ts';
import { openTasks } from '../tasks/open-tasks.ts';
import { UnknownTask } from '../tasks/registry.ts';
import type { TaskList } from '../tasks/task.ts';
import { openWatchedFile } from '../watched-file.ts';
import { createBackendPool } from './backend-pool.ts';
import { buildBackend } from './build-backend.ts';
import type { BackendContext } from './build-backend.ts';
import { ServeFileRefused } from './errors.ts';
import { joinTasks } from './join-tasks.ts';
import type { JoinedTask } from './join-tasks.ts';
import { parseServeFile } from './parse-serve-file.ts';
import type { ParseContext, Serving } from './parse-serve-file.ts';
import { serverBackend } from './pooled-backend.ts';

export interface ServingOptions extends BackendContext, ParseContext {
  serveFile: string;
  /** Null: the tasks that ship. */
  tasksFile: string | null;
  /** @default 2000 */
  pollMs?: number;
  log: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** What a miner serves by its files, which are read again when they change. */
export interface LiveServing {
  serving: () => readonly ServedTask[];
  backend: ServerBackend;
  /**
   * For `/health`, which anyone may read: how many tasks are served, and where a file that is not in use as it stands, or an entry that is not served, is wrong. Why is
   * in the log alone: reasons quote paths and pieces of files.
   */
  health: () => { tasks: number; refused: string[] };
  /** Looks at both files now. */
  poll: () => Promise<void>;
  close: () => Promise<void>;
}

/**
 * A changed file is in use at its next look. A serve file that is wrong, or names tasks that are not there, is refused whole and the one before stays; when the
 * subnet's tasks change under it, what no longer fits is not served, the rest is, and a refused file that now fits is taken. Throws ServeFileRefused and
 * TasksRefused for the first versions; entries of the first that fit no task are only not served.
 */
export async function openServing(options: ServingOptions): Promise<LiveServing> {
  const { log, pollMs } = options;
  const pool = createBackendPool();
  const polling = pollMs === undefined ? {} : { pollMs };
  const onRefused = (error: FileRefused): void => {
    log('file refused', { message: error.message });
  };

  const tasks = await openTasks({
    ...polling,
    path: options.tasksFile,
    onRefused,
    onChange: ({ added, changed, removed }) => {
      log('tasks changed', { added, changed, removed });
      take(null);
    },
  });
  const list = (): TaskList => tasks.current().list;
  const file = await openWatchedFile<Serving[]>({
    ...polling,
    path: options.serveFile,
    parse: (text, path) => parseServeFile(text, path, options),
    refuse: (path, problems) => new ServeFileRefused(path, problems),
    isSame: (before, next) => JSON.stringify(before) === JSON.stringify(next),
    onRefused,
    onChange: (next) => {
      take(next);
    },
  });

  let entries = file.current();
  let waiting: Serving[] | null = null;
  let joined: JoinedTask[] = [];
  let problems: JobProblem[] = [];
  /** Of tasks whose backend could not be opened when it was last tried. */
  const unopened = new Set<string>();
  use();

  /** @param next the serve file's new version; null where the subnet's tasks changed */
  function take(next: Serving[] | null): void {
    const wanted = next ?? waiting;
    if (wanted !== null) {
      const fit = joinTasks(wanted, list());
      waiting = fit.problems.length === 0 ? null : wanted;
      if (waiting === null) entries = wanted;
      else if (next !== null) onRefused(new ServeFileRefused(options.serveFile, fit.problems));
      problems = fit.problems;
    }
    use();
  }

  /** Serves what the entries in use come to. */
  function use(): void {
    const fit = joinTasks(entries, list());
    joined = fit.joined;
    // Of a file that waits its own problems are shown.
    if (waiting === null) problems = fit.problems;
    pool.keep(new Set(joined.map(keyOf)));
    // At once, so that no request waits for a model to be loaded, and what is missing here is said before it costs anything.
    for (const found of joined) void withBackend(found, () => Promise.resolve()).catch(() => undefined);
    for (const { place, why } of fit.problems) log('entry not served', { place, why });
    log('serving', { tasks: joined.map(({ task }) => task.name) });
  }

  function withBackend<Result>(found: JoinedTask, work: (backend: Backend) => Promise<Result>): Promise<Result> {
    return pool.use(keyOf(found), () => open(found), work);
  }

  async function open(found: JoinedTask): Promise<Backend> {
    const { name } = found.task;
    try {
      const backend = await buildBackend(found, options);
      unopened.delete(name);
      return backend;
    } catch (error) {
      unopened.add(name);
      log('backend not opened', { task: name, message: messageOf(error) });
      throw error;
    }
  }

  function refused(): string[] {
    const ofFiles = [tasks?.refused() ?? null, file.refused()].flatMap((error) => error?.problems ?? []);
    const ofBackends = entries.flatMap(({ task }, index) => {
      const isServed = joined.some((item) => item.task.name === task);
      return isServed && unopened.has(task) ? [`serve[${index}].backend`] : [];
    });
    return [...[...ofFiles, ...problems].map(({ place }) => place), ...ofBackends];
  }

  return {
    serving: () => joined,
    backend: serverBackend(async (task, request, call) => {
      const found = joined.find((item) => item.task.name === task.name);
      if (found === undefined)
        throw new UnknownTask(
          task.name,
          joined.map((item) => item.task.name),
        );
      return await withBackend(found, (backend) => backend.answer(request, call));
    }),
    health: () => ({ tasks: joined.length, refused: refused() }),
    async poll() {
      await tasks?.poll();
      await file.poll();
    },
    async close() {
      tasks?.close();
      file.close();
      await pool.close();
    },
  };
}

/** Two tasks of the same backend have one each: their concurrency is their own. */
function keyOf({ task, engines, isSteps, concurrency }: JoinedTask): string {
  return JSON.stringify([task.name, task.kind, task.workflow, engines, isSteps, concurrency]);
}
