import { suggest } from '../../config/suggest.ts';
import { SeineError } from '../../core/errors.ts';
import type { Task, TaskList } from './task.ts';

/** There is no such task, or it is not enabled. */
export class UnknownTask extends SeineError {
  constructor(name: string, known: readonly string[]) {
    const shown = name.slice(0, 80);
    const meant = suggest(shown, known);
    const hint = meant === null ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
    super('UnknownTask', `no task ${shown} is served; ${hint}`, { details: { name: shown }, exitCode: 2 });
  }
}

export function enabledTasks({ tasks }: TaskList): Task[] {
  return tasks.filter((task) => task.enabled);
}

/** The enabled task of a name. Throws UnknownTask. */
export function taskNamed(list: TaskList, name: string): Task {
  const enabled = enabledTasks(list);
  const found = enabled.find((task) => task.name === name);
  if (found !== undefined) return found;
  throw new UnknownTask(
    name,
    enabled.map((task) => task.name),
  );
}
