import { DEFAULT_TASK_FILE, tasksOf } from './parse-tasks.ts';
import { openTaskFile, pinnedTasks } from './task-file.ts';
import type { TaskFile, TaskFileOptions } from './task-file.ts';

/** The tasks of a file, which is read again when it changes, or those that ship where there is none. Throws TasksRefused. */
export async function openTasks({
  path,
  ...options
}: Omit<TaskFileOptions, 'path'> & { path: string | null }): Promise<TaskFile> {
  if (path !== null) return await openTaskFile({ ...options, path });
  const shipped = pinnedTasks(tasksOf(DEFAULT_TASK_FILE, 'the tasks that ship'));
  return { current: () => shipped, refused: () => null, poll: () => Promise.resolve(), close: () => undefined };
}
