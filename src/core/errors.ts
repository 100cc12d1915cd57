/**
 * What whoever runs the failed step should do next:
 * `retry` the same step later, `wait` without counting it as a failure (a budget, a rate limit), or `never` try again.
 */
export type Remedy = 'retry' | 'wait' | 'never';

export interface SeineErrorOptions {
  /** Values that the message speaks of; safe to log, never a secret. */
  details?: Readonly<Record<string, unknown>>;
  /** @default 'never' */
  remedy?: Remedy;
  /** Exit code of a command that ends with this error. @default 1 */
  exitCode?: number;
  cause?: unknown;
}

/**
 * Base of every error that Seine raises on purpose. `name` is the stable type that workflows and `--json` output show;
 * the message says what happened and what to do about it.
 */
export class SeineError extends Error {
  readonly details: Readonly<Record<string, unknown>>;
  readonly remedy: Remedy;
  readonly exitCode: number;

  constructor(name: string, message: string, options: SeineErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = name;
    this.details = options.details ?? {};
    this.remedy = options.remedy ?? 'never';
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Input that breaks a rule of a format: a row, a manifest, a shard, a commitment. Trying again changes nothing. */
export class InvalidInputError extends SeineError {
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super('InvalidInput', message, { details, exitCode: 2 });
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
