import type { TextStream } from './output.ts';
import type { Terminal } from './terminal.ts';

/** Everything that a command takes from outside; tests pass their own. */
export interface CliContext {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Folder of this clone, where set-up keeps its parts. */
  clone: string;
  stdout: TextStream;
  stderr: TextStream;
  terminal: Terminal;
  /** From its first call on, Ctrl-C and its like abort the signal instead of ending the process; a second one ends it. */
  interrupt: () => AbortSignal;
}
