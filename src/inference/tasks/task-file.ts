import { readFile, stat } from 'node:fs/promises';
import { canonicalJson } from '../../core/canonical-json.ts';
import { messageOf } from '../../core/errors.ts';
import { TasksRefused } from './errors.ts';
import { parseTasks, tasksDigest } from './parse-tasks.ts';
import type { Task, TaskList } from './task.ts';

/** Soon enough for a person who saved the file; one `stat` costs microseconds. */
const DEFAULT_POLL_MS = 2000;

/** Tasks with the digest by which evidence names them. */
export interface PinnedTasks {
  list: TaskList;
  digest: string;
}

/** What became of a file, task by task. */
export interface TaskChange {
  tasks: PinnedTasks;
  added: string[];
  changed: string[];
  removed: string[];
}

/** A file of tasks that is read again when it changes. */
export interface TaskFile {
  /** The last good version. */
  current: () => PinnedTasks;
  /** Why the file as it stands is not in use; null where it is. */
  refused: () => TasksRefused | null;
  /** Looks at the file now, and resolves when what it says is in use or refused. */
  poll: () => Promise<void>;
  close: () => void;
}

export interface TaskFileOptions {
  /** Ends with `.toml` or `.json`. */
  path: string;
  /** @default 2000 */
  pollMs?: number;
  onChange?: (change: TaskChange) => void;
  /** Told once a version, with everything that is wrong with it; the last good version stays in use. */
  onRefused?: (error: TasksRefused) => void;
}

/** Reads a file of tasks and looks every `pollMs` whether it changed. Throws TasksRefused where its first version is no list of tasks. */
export async function openTaskFile({
  path,
  pollMs = DEFAULT_POLL_MS,
  onChange,
  onRefused,
}: TaskFileOptions): Promise<TaskFile> {
  let stamp = await stampOf(path);
  let tasks = await readTasks(path);
  let refused: TasksRefused | null = null;
  let last: Promise<void> = Promise.resolve();
  let isLooking = false;

  const look = async (): Promise<void> => {
    const found = await stampOf(path);
    if (found === stamp) return;
    // Before the read: what is written meanwhile has another stamp, and is read next time.
    stamp = found;
    try {
      const next = await readTasks(path);
      refused = null;
      if (next.digest === tasks.digest) return;
      const change = changeOf(tasks.list, next);
      tasks = next;
      onChange?.(change);
    } catch (error) {
      if (!(error instanceof TasksRefused)) throw error;
      refused = error;
      onRefused?.(error);
    }
  };
  // One after another: a look that began before the file was written must not answer for it.
  const poll = (): Promise<void> => {
    isLooking = true;
    const looked = last.then(look).finally(() => (isLooking = false));
    last = looked.catch(() => undefined);
    return looked;
  };
  const timer = setInterval(() => void (isLooking || poll().catch(() => undefined)), pollMs).unref();
  return { current: () => tasks, refused: () => refused, poll, close: () => clearInterval(timer) };
}

/** Which tasks came, went or are other than before. */
export function changeOf(before: TaskList, tasks: PinnedTasks): TaskChange {
  const old = byName(before.tasks);
  const now = byName(tasks.list.tasks);
  return {
    tasks,
    added: [...now.keys()].filter((name) => !old.has(name)),
    changed: [...now].filter(([name, text]) => old.has(name) && old.get(name) !== text).map(([name]) => name),
    removed: [...old.keys()].filter((name) => !now.has(name)),
  };
}

function byName(tasks: readonly Task[]): Map<string, string> {
  return new Map(tasks.map((task) => [task.name, canonicalJson(task)]));
}

async function readTasks(path: string): Promise<PinnedTasks> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new TasksRefused(path, [{ place: 'file', why: messageOf(error) }]);
  });
  const list = parseTasks(text, path);
  return { list, digest: tasksDigest(list) };
}

/** Changes whenever the file is written or replaced; a file that can't be seen has a stamp of its own. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? 'none' : `${found.ino}.${found.size}.${found.mtimeNs}`;
}
