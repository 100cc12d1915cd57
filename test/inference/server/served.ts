import type { ServedTask } from '../../../src/inference/server/served-task.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';
import { taskNamed } from '../../../src/inference/tasks/registry.ts';

const list = tasksOf({ version: 1, presets: { nicheimage: 500_000, vision: 500_000 } }, 'x');

/** A task of the presets, served. */
export function servedTask(name: string, over: Partial<ServedTask> = {}): ServedTask {
  return { task: taskNamed(list, name), volume: 100, concurrency: 2, queue_places: 4, ...over };
}
