import { ApplicationFailure } from '@temporalio/common';
import { SeineError } from '../src/core/errors.ts';

type Activities = Record<string, (...args: never[]) => Promise<unknown>>;

/**
 * Gives every activity the one mapping from domain errors to Temporal's failures: the error's name is the failure's type, and what can't get
 * better is not tried again. Errors that nobody raised on purpose keep Temporal's default: try again.
 */
export function mapFailures<T extends Activities>(activities: T): T {
  const mapped = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(mapped) as T;
}

export function toFailure(error: unknown): unknown {
  if (!(error instanceof SeineError)) return error;
  return ApplicationFailure.create({
    type: error.name,
    message: error.message,
    nonRetryable: error.remedy === 'never',
    details: [error.details],
    cause: error,
  });
}
