import type { JobProblem } from '../../config/job-file/errors.ts';
import { suggest } from '../../config/suggest.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { PPM } from '../../core/units.ts';
import { problemOf, readFileText } from '../file-text.ts';
import { apportion } from './apportion.ts';
import { taskProblems, weightProblems } from './cross-checks.ts';
import { TasksRefused } from './errors.ts';
import { mergedEntry } from './merge-entry.ts';
import type { TaskEntry } from './merge-entry.ts';
import { PRESET_NAMES, presetEntries } from './presets/by-name.ts';
import { taskFileSchema, taskSchema } from './schema.ts';
import type { Task, TaskList } from './task.ts';

/** What a file is where nobody wrote one: both systems' tasks, half of the emission each (the halves are ours). */
export const DEFAULT_TASK_FILE = { version: 1, presets: { nicheimage: PPM / 2, vision: PPM / 2 } };

/**
 * Reads a file of tasks, TOML or JSON by its ending.
 * @param file names the file in errors
 * @throws TasksRefused with everything that is wrong
 */
export function parseTasks(text: string, file: string): TaskList {
  const read = readFileText(text, file);
  if ('problems' in read) throw new TasksRefused(file, read.problems);
  return tasksOf(read.value, file);
}

/** The tasks that a file's value stands for: presets, without what is removed, under its own tasks. Throws as `parseTasks` does. */
export function tasksOf(raw: unknown, file: string): TaskList {
  const parsed = taskFileSchema.safeParse(raw);
  if (!parsed.success)
    throw new TasksRefused(
      file,
      parsed.error.issues.map((issue) => problemOf(issue, '')),
    );
  const { presets, remove, rescale, tasks: entries } = parsed.data;
  const bases = Object.entries(presets).flatMap(([name, share]) => presetEntries(name, share) ?? []);
  const base = new Map(bases.map((entry) => [String(entry['name']), entry]));
  const own = entries.map((entry, index) => read(entry, base, `tasks[${index}]`));
  const named = new Set(entries.map((entry) => entry['name']));
  const kept = bases.filter(({ name }) => !named.has(name) && !remove.includes(String(name)));
  const tasks = [...kept.map((entry) => read(entry, base, String(entry['name']))), ...own];
  const good = tasks.flatMap(({ task }) => (task === null ? [] : [task]));
  const problems = [
    ...Object.keys(presets).flatMap(presetProblems),
    ...remove.flatMap((name, index) => removeProblems(name, index, base, named)),
    ...tasks.flatMap((item) => item.problems),
    ...twiceProblems(entries),
    // While a task is wrong, what its weight was meant to be is not known.
    ...(good.length === tasks.length ? weightProblems(good, rescale) : []),
  ];
  if (problems.length > 0) throw new TasksRefused(file, problems);
  return { version: 1, tasks: weighed(good).sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** SHA-256 of a list's canonical JSON, hex: which tasks an epoch was scored by. */
export function tasksDigest(list: TaskList): string {
  return sha256Hex(canonicalJson(list));
}

function weighed(tasks: readonly Task[]): Task[] {
  const weights = apportion(
    tasks.map((task) => (task.enabled ? task.weight_ppm : 0)),
    PPM,
  );
  return tasks.map((task, index) => (task.enabled ? { ...task, weight_ppm: weights[index] ?? 0 } : { ...task }));
}

function read(
  entry: TaskEntry,
  base: Map<string, TaskEntry>,
  place: string,
): { task: Task | null; problems: JobProblem[] } {
  const preset = base.get(String(entry['name'])) ?? null;
  const parsed = taskSchema.safeParse(mergedEntry(entry, preset === entry ? null : preset));
  if (parsed.success) return { task: parsed.data, problems: taskProblems(parsed.data, place) };
  return { task: null, problems: parsed.error.issues.map((issue) => problemOf(issue, place)) };
}

function presetProblems(name: string): JobProblem[] {
  if (PRESET_NAMES.includes(name)) return [];
  return [{ place: `presets.${name.slice(0, 80)}`, why: `no such preset; there are ${PRESET_NAMES.join(', ')}` }];
}

function removeProblems(name: string, index: number, base: Map<string, TaskEntry>, named: Set<unknown>): JobProblem[] {
  const place = `remove[${index}]`;
  if (named.has(name)) return [{ place, why: `${name} is among the tasks of this file too: leave one` }];
  if (base.has(name)) return [];
  const meant = suggest(name.slice(0, 80), [...base.keys()]);
  return [{ place, why: `no task of the presets${meant === null ? '' : `; did you mean ${meant}?`}` }];
}

function twiceProblems(entries: readonly TaskEntry[]): JobProblem[] {
  const names = entries.map((entry) => entry['name']);
  return names.flatMap((name, index) =>
    typeof name === 'string' && names.indexOf(name) < index
      ? [{ place: `tasks[${index}].name`, why: `another task is called ${name.slice(0, 80)}` }]
      : [],
  );
}
