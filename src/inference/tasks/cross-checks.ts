import type { JobProblem } from '../../config/job-file/errors.ts';
import { PPM } from '../../core/units.ts';
import { IMAGE_INPUT_KINDS, IMAGE_KINDS } from './task.ts';
import type { Task, TaskCheck, TaskKind } from './task.ts';

/** What is wrong between the members of one task. @param place of the task */
export function taskProblems(task: Task, place: string): JobProblem[] {
  return [...checkProblems(task), ...unitProblems(task), ...workflowProblems(task), ...limitProblems(task)].map(
    (problem) => ({ place: `${place}.${problem.place}`, why: problem.why }),
  );
}

/** What is wrong between tasks: weights that don't add up, or nothing enabled. */
export function weightProblems(tasks: readonly Task[], rescale: boolean): JobProblem[] {
  const enabled = tasks.filter((task) => task.enabled);
  if (enabled.length === 0) return [{ place: 'tasks', why: 'no task is enabled: write one, or name a preset' }];
  const sum = enabled.reduce((total, task) => total + task.weight_ppm, 0);
  if (sum === 0) return [{ place: 'tasks', why: 'every weight_ppm is 0: nothing would be paid' }];
  if (sum === PPM || rescale) return [];
  const why = `weight_ppm of the enabled tasks add up to ${sum}, not 1000000: change them, or write rescale = true to keep their proportion`;
  return [{ place: 'tasks', why }];
}

function checkProblems({ kind, model, check }: Task): JobProblem[] {
  const methods = methodsOf(kind, model === null);
  const wrong = (place: string, why: string): JobProblem[] => [{ place, why }];
  if (methods.length === 0) return wrong('model', `an open category makes images, ${kind} needs the name of a model`);
  if (!methods.includes(check.method)) {
    const what = model === null ? `an open category of ${kind}` : `${kind} with a fixed model`;
    return wrong('check.method', `${what} is checked by ${methods.join(' or ')}, not by ${check.method}`);
  }
  if (check.method === 'text-probabilities' && check.full_distance_ppm > check.half_distance_ppm) {
    return wrong('check.half_distance_ppm', 'is below full_distance_ppm');
  }
  if (check.method === 'image-match' && check.least_cosine_ppm > check.match_cosine_ppm) {
    return wrong('check.match_cosine_ppm', 'is below least_cosine_ppm');
  }
  if (check.method === 'open-image' && check.aesthetic_zero_milli >= check.aesthetic_one_milli) {
    return wrong('check.aesthetic_one_milli', 'is not above aesthetic_zero_milli');
  }
  return [];
}

function methodsOf(kind: TaskKind, isOpen: boolean): TaskCheck['method'][] {
  if (IMAGE_KINDS.includes(kind)) return isOpen ? ['open-image'] : ['image-match', 'image-similarity'];
  if (isOpen) return [];
  return kind === 'embedding' ? ['embedding-cosine'] : ['text-probabilities', 'text-top-tokens'];
}

function unitProblems({ kind, unit }: Task): JobProblem[] {
  const isRight = unit === 'requests' || (unit === 'tokens') !== IMAGE_KINDS.includes(kind);
  const fitting = IMAGE_KINDS.includes(kind) ? 'steps, images or requests' : 'tokens or requests';
  return isRight ? [] : [{ place: 'unit', why: `${kind} is counted in ${fitting}, not in ${unit}` }];
}

function workflowProblems({ kind, workflow }: Task): JobProblem[] {
  if (kind === 'avatar' && workflow.length === 0) {
    return [{ place: 'workflow', why: 'an avatar is made in steps: write a list of {kind, model}' }];
  }
  if (kind !== 'avatar' && workflow.length > 0) return [{ place: 'workflow', why: `is for avatar only, not ${kind}` }];
  return workflow.flatMap((step, index) => {
    const isStep = IMAGE_KINDS.includes(step.kind) && step.kind !== 'avatar';
    return isStep ? [] : [{ place: `workflow[${index}].kind`, why: `a step makes an image of one, not ${step.kind}` }];
  });
}

function limitProblems({ kind, limits }: Task): JobProblem[] {
  const takesImages = IMAGE_INPUT_KINDS.includes(kind);
  if (takesImages && limits.image_min_bytes > limits.image_max_bytes) {
    return [{ place: 'limits.image_max_bytes', why: 'is below image_min_bytes' }];
  }
  if (takesImages && limits.image_max_bytes === 0) {
    return [{ place: 'limits.image_max_bytes', why: `${kind} brings an image: 0 would refuse every request` }];
  }
  if (!takesImages && limits.image_max_bytes > 0) {
    return [{ place: 'limits.image_max_bytes', why: `${kind} brings no image: leave it out` }];
  }
  return [];
}
