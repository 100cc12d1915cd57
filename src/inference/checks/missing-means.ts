import type { Task, TaskCheck } from '../tasks/task.ts';
import type { CheckerSpec } from './checkers-schema.ts';

/** Members of a file of checkers that checking a task needs and that are not written there. */
export function missingMeans({ kind, check }: Pick<Task, 'kind' | 'check'>, spec: CheckerSpec): string[] {
  const missing = NEEDS[check.method].filter((member) => spec[member] === null);
  // A model that runs in this process reads answers by itself.
  if (spec.backend?.kind === 'embedded') return missing.filter((member) => member !== 'prefill');
  const lacksTemplate = spec.prefill?.way === 'echo' && spec.prefill.chat === undefined && kind !== 'completion';
  return lacksTemplate && NEEDS[check.method].includes('prefill') ? [...missing, 'prefill.chat'] : missing;
}

type Member = 'backend' | 'prefill' | 'encoder' | 'judge' | 'aesthetic_file';

const NEEDS: Readonly<Record<TaskCheck['method'], readonly Member[]>> = {
  'text-probabilities': ['backend', 'prefill'],
  'text-top-tokens': ['backend', 'prefill'],
  'image-match': ['backend', 'encoder'],
  'image-similarity': ['backend', 'encoder'],
  'open-image': ['judge', 'encoder', 'aesthetic_file'],
  'embedding-cosine': ['backend'],
};
