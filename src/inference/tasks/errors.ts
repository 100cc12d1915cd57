import type { JobProblem } from '../../config/job-file/errors.ts';
import { FileRefused } from '../file-refused.ts';

/** Everything that is wrong with a file of tasks, at once. */
export class TasksRefused extends FileRefused {
  constructor(file: string, problems: readonly JobProblem[]) {
    super('TasksRefused', 'list of tasks', file, problems);
  }
}
