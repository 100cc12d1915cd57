import type { JobProblem } from '../../config/job-file/errors.ts';
import { suggest } from '../../config/suggest.ts';
import { AUTOMATIC1111_KINDS } from '../backends/automatic1111-backend.ts';
import { workflowFault } from '../backends/comfyui-workflow.ts';
import type { Placeholder } from '../backends/comfyui-workflow.ts';
import type { ServedTask } from '../server/served-task.ts';
import { enabledTasks } from '../tasks/registry.ts';
import { IMAGE_KINDS, TASK_KINDS } from '../tasks/task.ts';
import type { Task, TaskKind, TaskList, TaskStep } from '../tasks/task.ts';
import type { Engine, Serving } from './parse-serve-file.ts';

/** A task that is served, with what serves it. */
export interface JoinedTask extends ServedTask {
  engines: readonly Engine[];
  isSteps: boolean;
}

/** Entries with the subnet's tasks that they name; those that fit no task are left out, and said why. */
export function joinTasks(
  serving: readonly Serving[],
  list: TaskList,
): { joined: JoinedTask[]; problems: JobProblem[] } {
  const tasks = enabledTasks(list);
  const joined: JoinedTask[] = [];
  const problems: JobProblem[] = [];
  for (const [index, { task: name, ...entry }] of serving.entries()) {
    const place = `serve[${index}]`;
    const task = tasks.find((item) => item.name === name);
    const faults = task === undefined ? [unknownTask(name, tasks, list)] : engineFaults(task, entry);
    problems.push(...faults.map((fault) => ({ place: `${place}.${fault.place}`, why: fault.why })));
    if (task !== undefined && faults.length === 0) joined.push({ ...entry, task });
  }
  return { joined, problems };
}

function unknownTask(name: string, tasks: readonly Task[], list: TaskList): JobProblem {
  if (list.tasks.some((task) => task.name === name)) return { place: 'task', why: `${name} is not enabled` };
  const known = tasks.map((task) => task.name);
  const meant = suggest(name, known);
  return { place: 'task', why: `there is no task ${name}${meant === null ? '' : `; did you mean ${meant}?`}` };
}

function engineFaults(task: Task, { engines, isSteps }: Pick<Serving, 'engines' | 'isSteps'>): JobProblem[] {
  if (!isSteps) return engines.flatMap((engine) => engineFault(engine, task.kind, 'backend'));
  if (task.kind !== 'avatar') {
    return [{ place: 'steps', why: `${task.kind} is no composed workflow: write one backend` }];
  }
  if (engines.length !== task.workflow.length) {
    const kinds = task.workflow.map(({ kind }) => kind).join(', ');
    return [{ place: 'steps', why: `the task has ${task.workflow.length} steps (${kinds}), not ${engines.length}` }];
  }
  return engines.flatMap((engine, index) =>
    engineFault(engine, stepKind(task.workflow, index), `steps[${index}]`, true),
  );
}

function stepKind(workflow: readonly TaskStep[], index: number): TaskKind {
  return workflow[index]?.kind ?? 'image-to-image';
}

/** Kinds that an engine does. */
const KINDS: Readonly<Record<Engine['kind'], readonly TaskKind[]>> = {
  openai: TASK_KINDS,
  comfyui: IMAGE_KINDS,
  automatic1111: AUTOMATIC1111_KINDS,
  embedded: ['chat', 'completion', 'embedding'],
};

function engineFault(engine: Engine, kind: TaskKind, place: string, isStep = false): JobProblem[] {
  const kinds = KINDS[engine.kind];
  if (!kinds.includes(kind)) {
    return [{ place: `${place}.kind`, why: `${engine.kind} does ${kinds.join(', ')}, not ${kind}` }];
  }
  if (engine.kind !== 'comfyui') return [];
  // Requests for a composed workflow bring no mask, whatever its steps are.
  const brought = (BROUGHT[kind] ?? []).filter((name) => !(isStep && name === 'mask'));
  const fault = workflowFault(engine.workflow, brought);
  return fault === null ? [] : [{ place: `${place}.workflow_file`, why: `the workflow ${fault}` }];
}

/** What every request of a kind brings, so that a workflow without a place for it would answer something else. */
const BROUGHT: Partial<Record<TaskKind, readonly Placeholder[]>> = {
  'text-to-image': ['prompt', 'seed'],
  'image-to-image': ['prompt', 'seed', 'image'],
  'conditional-image': ['prompt', 'seed', 'image'],
  inpaint: ['prompt', 'seed', 'image', 'mask'],
  upscale: ['image'],
  avatar: ['prompt', 'image'],
};
