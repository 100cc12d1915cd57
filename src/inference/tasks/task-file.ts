import { canonicalJson } from '../../core/canonical-json.ts';
import type { FileRefused } from '../file-refused.ts';
import { openWatchedFile } from '../watched-file.ts';
import type { WatchedFile } from '../watched-file.ts';
import { TasksRefused } from './errors.ts';
import { parseTasks, tasksDigest } from './parse-tasks.ts';
import type { Task, TaskList } from './task.ts';

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
export type TaskFile = WatchedFile<PinnedTasks>;

export interface TaskFileOptions {
  /** Ends with `.toml` or `.json`. */
  path: string;
  /** @default 2000 */
  pollMs?: number;
  onChange?: (change: TaskChange) => void;
  /** Told once a version, with everything that is wrong with it; the last good version stays in use. */
  onRefused?: (error: FileRefused) => void;
}

/** Reads a file of tasks and looks every `pollMs` whether it changed. Throws TasksRefused where its first version is no list of tasks. */
export async function openTaskFile({ onChange, ...options }: TaskFileOptions): Promise<TaskFile> {
  return await openWatchedFile<PinnedTasks>({
    ...options,
    parse: (text, path) => pinnedTasks(parseTasks(text, path)),
    refuse: (path, problems) => new TasksRefused(path, problems),
    isSame: (before, next) => before.digest === next.digest,
    onChange: (next, before) => onChange?.(changeOf(before.list, next)),
  });
}

export function pinnedTasks(list: TaskList): PinnedTasks {
  return { list, digest: tasksDigest(list) };
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
