import { inspect } from 'node:util';
import { messageOf, SeineError, type Remedy } from '../core/errors.ts';
import type { CliContext } from './context.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { paintFor } from './output.ts';

const HINTS: Readonly<Record<Remedy, string | null>> = {
  retry: 'This may pass: try again.',
  wait: 'Nothing is lost: it goes on by itself when its time comes.',
  never: null,
};

/** Says what went wrong, for a person on standard error or for a program on standard output, and returns the exit code. */
export function reportError(error: unknown, context: CliContext, mode: { json: boolean; verbose: boolean }): number {
  const exitCode = exitCodeOf(error);
  if (mode.json) context.stdout.write(`${JSON.stringify({ error: errorJson(error) }, null, 2)}\n`);
  else {
    const paint = paintFor(context.stderr, context.env);
    context.stderr.write(`${paint('error:', 'bad')} ${messageOf(error)}\n`);
    for (const hint of hintsOf(error, exitCode, mode.verbose)) context.stderr.write(`${paint(hint, 'quiet')}\n`);
  }
  if (mode.verbose) context.stderr.write(`${inspect(error)}\n`);
  return exitCode;
}

function errorJson(error: unknown): { name: string; message: string; details: unknown } {
  if (error instanceof SeineError) return { name: error.name, message: error.message, details: error.details };
  return { name: error instanceof Error ? error.name : 'Error', message: messageOf(error), details: {} };
}

function hintsOf(error: unknown, exitCode: number, verbose: boolean): string[] {
  const hints: string[] = [];
  if (error instanceof SeineError) hints.push(...[HINTS[error.remedy]].filter((hint) => hint !== null));
  else if (!verbose) hints.push('Seine did not expect this: run again with --verbose to see where it happened.');
  if (exitCode === EXIT.unreachable)
    hints.push('"seine doctor" checks every part of this machine, "seine stack status" what runs.');
  return hints;
}
