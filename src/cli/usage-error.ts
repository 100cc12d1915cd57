import { SeineError } from '../core/errors.ts';

/** Arguments or a file named by them that a command can't work with. */
export class UsageError extends SeineError {
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super('Usage', message, { details, exitCode: 2 });
  }
}
