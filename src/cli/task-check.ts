import { resolve } from 'node:path';
import type { Session } from './session.ts';
import { readTasks, readText } from './task-list.ts';

/** Says that a file is right, and what it comes to; throws TasksRefused or ServeFileRefused with everything that is wrong. */
export async function checkTaskFile(session: Session, file: string): Promise<void> {
  const { context, out } = session;
  const path = resolve(context.cwd, file);
  const text = await readText(path);
  if (await isServeFile(text, path)) return await checkServeFile(session, text, path);
  const { parseTasks, tasksDigest } = await import('../inference/tasks/parse-tasks.ts');
  const list = parseTasks(text, path);
  const enabled = list.tasks.filter((task) => task.enabled).length;
  out.line(`${file} is right: ${enabled} tasks, ${list.tasks.length - enabled} more that are off`, 'good');
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

/** Only a serve file has entries to serve; text that can't be read is reported as a file of tasks. */
async function isServeFile(text: string, path: string): Promise<boolean> {
  const { readFileText } = await import('../inference/file-text.ts');
  const read = readFileText(text, path);
  return 'value' in read && typeof read.value === 'object' && read.value !== null && 'serve' in read.value;
}
