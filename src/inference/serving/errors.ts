import type { JobProblem } from '../../config/job-file/errors.ts';
import { FileRefused } from '../file-refused.ts';

/** Everything that is wrong with a file of what a miner serves, at once. */
export class ServeFileRefused extends FileRefused {
  constructor(file: string, problems: readonly JobProblem[]) {
    super('ServeFileRefused', 'file of what a miner serves', file, problems);
  }
}
