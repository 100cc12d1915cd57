import type { JobProblem } from '../../config/job-file/errors.ts';
import { FileRefused } from '../file-refused.ts';

/** Everything that is wrong with a file of checkers, at once. */
export class CheckersRefused extends FileRefused {
  constructor(file: string, problems: readonly JobProblem[]) {
    super('CheckersRefused', 'file of checkers', file, problems);
  }
}
