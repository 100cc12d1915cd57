import { SeineError } from '../src/core/errors.ts';

/** A part of the stack is not on this machine; the message says how to get it. */
export class PartMissingError extends SeineError {
  constructor(part: string, howToGetIt: string) {
    super('PartMissing', `${part} is missing: ${howToGetIt}`, { details: { part }, exitCode: 3 });
  }
}

/** A part did not come up: it ended, or did not answer within its time. */
export class PartFailedError extends SeineError {
  constructor(part: string, reason: string, logFile: string, lastLines: string) {
    const shown = lastLines === '' ? '' : `\nThe last lines of its log:\n${lastLines}`;
    super('PartFailed', `${part} did not start: ${reason}. Its log: ${logFile}${shown}`, {
      details: { part, reason, logFile },
      exitCode: 3,
    });
  }
}

/** A server that settings name does not answer, or answers as something else. */
export class PartUnreachableError extends SeineError {
  constructor(part: string, setting: string, where: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      'PartUnreachable',
      `${part} at ${where} (${setting}) does not answer: ${reason}. Start it, or correct ${setting}.`,
      {
        details: { part, setting, where },
        remedy: 'retry',
        exitCode: 3,
        cause,
      },
    );
  }
}

/** A Redis without the modules that the index needs. */
export class RedisModulesMissingError extends SeineError {
  constructor(setting: string, where: string, missing: readonly string[]) {
    super(
      'RedisModulesMissing',
      `Redis at ${where} (${setting}) lacks the modules ${missing.join(', ')}. Use Redis 8 or Redis Stack ` +
        `(for example the image redis:8), or unset ${setting} to use the one that set-up brings.`,
      { details: { setting, where, missing }, exitCode: 3 },
    );
  }
}

/** Another stack is running in the same folder. */
export class StackRunningError extends SeineError {
  constructor(dir: string) {
    super(
      'StackRunning',
      `A stack is already running in ${dir}. Stop it with \`seine stack down\`, or use another folder.`,
      {
        details: { dir },
        exitCode: 3,
      },
    );
  }
}

/** The record of a running stack can't be read. */
export class StackStateError extends SeineError {
  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super('StackState', `${file} can't be read (${reason}). If no stack runs there, delete it.`, {
      details: { file },
      exitCode: 3,
      cause,
    });
  }
}
