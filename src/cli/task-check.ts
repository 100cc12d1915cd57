import { resolve } from 'node:path';
import { suggest } from '../config/suggest.ts';
import type { Session } from './session.ts';
import { readTasks, readText } from './task-list.ts';

/** Says that a file is right, and what it comes to; throws TasksRefused, ServeFileRefused or CheckersRefused with everything that is wrong. */
export async function checkTaskFile(session: Session, file: string): Promise<void> {
  const path = resolve(session.context.cwd, file);
  const text = await readText(path);
  const check = { tasks: checkTasks, serve: checkServeFile, checkers: checkCheckers }[await kindOf(text, path)];
  await check(session, text, path);
}

async function checkTasks({ out }: Session, text: string, path: string): Promise<void> {
  const { parseTasks, tasksDigest } = await import('../inference/tasks/parse-tasks.ts');
  const list = parseTasks(text, path);
  const enabled = list.tasks.filter((task) => task.enabled).length;
  out.line(`${path} is right: ${enabled} tasks, ${list.tasks.length - enabled} more that are off`, 'good');
  out.json({ file: path, tasks: list.tasks.length, enabled, digest: tasksDigest(list) });
}

async function checkServeFile({ out, settings, env }: Session, text: string, path: string): Promise<void> {
  const { ServeFileRefused } = await import('../inference/serving/errors.ts');
  const { joinTasks } = await import('../inference/serving/join-tasks.ts');
  const { parseServeFile } = await import('../inference/serving/parse-serve-file.ts');
  const serving = parseServeFile(text, path, { env });
  const { problems } = joinTasks(serving, await readTasks(settings));
  if (problems.length > 0) throw new ServeFileRefused(path, problems);
  const names = serving.map(({ task }) => task);
  out.line(`${path} is right: it serves ${names.length === 0 ? 'nothing' : names.join(', ')}`, 'good');
  out.json({ file: path, serves: serving.map(({ task, volume }) => ({ task, volume })) });
}

/** Looks at the file alone: engines are not asked, and files that it names not opened. Says which tasks it has means for. */
async function checkCheckers({ out, settings, env }: Session, text: string, path: string): Promise<void> {
  const { CheckersRefused } = await import('../inference/checks/checkers-errors.ts');
  const { parseCheckers } = await import('../inference/checks/checkers-file.ts');
  const { missingMeans } = await import('../inference/checks/missing-means.ts');
  const { enabledTasks } = await import('../inference/tasks/registry.ts');
  const checkers = parseCheckers(text, path, env);
  const tasks = enabledTasks(await readTasks(settings));
  const names = tasks.map(({ name }) => name);
  const problems = [...checkers.tasks.keys()].flatMap((name) => {
    if (names.includes(name)) return [];
    const meant = suggest(name, names);
    const hint = meant === null ? '' : `; did you mean ${meant}?`;
    return [{ place: `tasks.${name}`, why: `there is no such task, or it is off${hint}` }];
  });
  if (problems.length > 0) throw new CheckersRefused(path, problems);
  const rows = tasks.map((task) => {
    const missing = missingMeans(task, checkers.tasks.get(task.name) ?? checkers.base);
    return { task: task.name, method: task.check.method, missing };
  });
  out.line(`${path} is right`, 'good');
  out.table({
    columns: ['task', 'checked by', 'means'],
    rows: rows.map(({ task, method, missing }) => [
      task,
      method,
      missing.length === 0
        ? { text: 'all', tone: 'good' }
        : { text: `lacks ${missing.join(', ')}: not checked`, tone: 'warn' },
    ]),
  });
  out.json({ file: path, tasks: rows });
}

/** Only a serve file has entries to serve, and only a file of checkers a default or its tasks by name; text that can't be read is reported as a file of tasks. */
async function kindOf(text: string, path: string): Promise<'tasks' | 'serve' | 'checkers'> {
  const { readFileText } = await import('../inference/file-text.ts');
  const read = readFileText(text, path);
  if (!('value' in read) || typeof read.value !== 'object' || read.value === null) return 'tasks';
  if ('serve' in read.value) return 'serve';
  const hasTasksByName = 'tasks' in read.value && !Array.isArray(read.value.tasks);
  return 'default' in read.value || hasTasksByName ? 'checkers' : 'tasks';
}
