import { SeineError } from '../core/errors.ts';

/** Stable exit codes of every command. */
export const EXIT = { ok: 0, failure: 1, usage: 2, unreachable: 3 } as const;

export const EXIT_CODES_HELP = `Exit codes:
  0  done
  1  failed, or checked and found wrong
  2  bad input: arguments, settings, a file
  3  a part cannot be reached, or is missing (see seine doctor)`;

/** System errors of a connection that never came about. */
const UNREACHABLE_CODES = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EAI_AGAIN'];

/** The exit code that an error asks for; what could not be reached is 3 whatever raised it. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof SeineError) {
    if (error.exitCode !== EXIT.failure) return error.exitCode;
    return error.name.endsWith('Unreachable') ? EXIT.unreachable : EXIT.failure;
  }
  return UNREACHABLE_CODES.includes(codeOf(error)) ? EXIT.unreachable : EXIT.failure;
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
