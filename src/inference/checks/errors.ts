import type { JobProblem } from '../../config/job-file/errors.ts';
import { SeineError } from '../../core/errors.ts';
import { FileRefused } from '../file-refused.ts';

/** Bytes that are no image, or one beyond the limits: the fault of whoever made them. */
export class NotAnImage extends SeineError {
  constructor(why: string, cause?: unknown) {
    super('NotAnImage', `the bytes are no image that is read: ${why}`, { details: { why }, cause });
  }
}

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
