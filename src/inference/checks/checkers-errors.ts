import type { JobProblem } from '../../config/job-file/errors.ts';
import { SeineError } from '../../core/errors.ts';
import { FileRefused } from '../file-refused.ts';

/** Everything that is wrong with a file of checkers, at once. */
export class CheckersRefused extends FileRefused {
  constructor(file: string, problems: readonly JobProblem[]) {
    super('CheckersRefused', 'file of checkers', file, problems);
  }
}

/** The file of checkers names a model that is run in this process, and what runs it is not installed. */
export class EngineNotSetUp extends SeineError {
  constructor(file: string) {
    super('EngineNotSetUp', `nothing here runs ${file}: run "node stack/setup.mjs --engines"`, { details: { file } });
  }
}
