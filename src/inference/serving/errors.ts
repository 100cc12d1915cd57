import type { JobProblem } from '../../config/job-file/errors.ts';
import { SeineError } from '../../core/errors.ts';
import { FileRefused } from '../file-refused.ts';

/** Everything that is wrong with a file of what a miner serves, at once. */
export class ServeFileRefused extends FileRefused {
  constructor(file: string, problems: readonly JobProblem[]) {
    super('ServeFileRefused', 'file of what a miner serves', file, problems);
  }
}

/** A backend that runs a model in this process is named, and nothing here runs one. */
export class EmbeddedNotSetUp extends SeineError {
  constructor(modelFile: string) {
    super('EmbeddedNotSetUp', `nothing is set up here that runs ${modelFile}: run "node stack/setup.mjs --engines"`, {
      details: { modelFile },
    });
  }
}
