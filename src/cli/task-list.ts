import { readFile } from 'node:fs/promises';
import type { Settings } from '../config/load.ts';
import { messageOf, SeineError } from '../core/errors.ts';
import type { Task, TaskList } from '../inference/tasks/task.ts';
import type { Session } from './session.ts';

/** The subnet's tasks by the settings. Throws TasksRefused. */
export async function readTasks({ values }: Settings): Promise<TaskList> {
  const { DEFAULT_TASK_FILE, parseTasks, tasksOf } = await import('../inference/tasks/parse-tasks.ts');
  const path = values['inference.tasks_file'];
  if (path === null) return tasksOf(DEFAULT_TASK_FILE, 'the tasks that ship');
  return parseTasks(await readText(path), path);
}

/** The text of a file that a person named. */
export async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SeineError('FileUnreadable', `${path} can't be read: ${messageOf(cause)}`, {
      ...{ details: { path }, exitCode: 2, cause },
    });
  });
}

export async function listTasks({ out, settings }: Session): Promise<void> {
  const list = await readTasks(settings);
  out.table({
    columns: ['task', 'kind', 'model', 'weight %', 'counted in', 'period', 'checked by'],
    rows: list.tasks.map((task) => [
      { text: task.name, tone: task.enabled ? 'strong' : 'quiet' },
      task.enabled ? task.kind : `${task.kind} (off)`,
      task.model ?? 'open',
      task.weight_ppm / 10_000,
      task.unit,
      spanOf(task.period_ms),
      task.check.method,
    ]),
  });
  out.json(list.tasks);
}

export async function showTask({ out, settings }: Session, name: string): Promise<void> {
  const { UnknownTask } = await import('../inference/tasks/registry.ts');
  const { tasks } = await readTasks(settings);
  const task = tasks.find((item) => item.name === name);
  if (task === undefined) {
    throw new UnknownTask(
      name,
      tasks.map((item) => item.name),
    );
  }
  const { method, ...thresholds } = task.check;
  out.table({
    title: `${task.name}${task.enabled ? '' : ' (off: neither asked for nor paid)'}`,
    columns: ['', ''],
    rows: [
      ['kind', task.kind],
      ['model', task.model ?? 'open: whichever the miner chooses'],
      ...stepRows(task),
      ['weight', `${task.weight_ppm / 10_000} % of the emission of inference`],
      ['time-out', spanOf(task.timeout_ms)],
      ['volume', `${task.unit} in ${spanOf(task.period_ms)}`],
      ['scored', task.scored === 'all' ? 'every request' : 'one request a period'],
      ['speed', pairs(task.speed)],
      ['checked by', method],
      ['thresholds', pairs(thresholds)],
      ['limits', pairs(task.limits)],
    ],
  });
  out.json(task);
}

export async function showPresets({ out }: Session): Promise<void> {
  const { tasksOf } = await import('../inference/tasks/parse-tasks.ts');
  const { PRESET_NAMES } = await import('../inference/tasks/presets/by-name.ts');
  const presets = PRESET_NAMES.map((name) => {
    const { tasks } = tasksOf({ version: 1, presets: { [name]: 1_000_000 } }, name);
    return { name, tasks };
  });
  out.table({
    columns: ['preset', 'tasks', 'their names'],
    rows: presets.map(({ name, tasks }) => [
      { text: name, tone: 'strong' },
      tasks.length,
      tasks.map((task) => task.name).join(', '),
    ]),
  });
  out.json(presets);
}

function stepRows({ workflow }: Task): [string, string][] {
  return workflow.map(({ kind, model }, index) => [`step ${index + 1}`, `${kind} by ${model}`]);
}

function pairs(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** A length of time in the largest unit that fits it. */
export function spanOf(ms: number): string {
  const units = [
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const;
  const found = units.find(([size]) => ms % size === 0);
  return found === undefined ? `${ms} ms` : `${ms / found[0]} ${found[1]}`;
}
