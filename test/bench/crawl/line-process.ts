import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cloneRoot } from '../../../stack/parts.ts';

export interface LineCommand {
  executable: string;
  args: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}

/** A process that answers lines of its standard input with lines of its standard output. */
export interface LineProcess {
  pid: number;
  /** The next line that it prints. Rejects when it ends before. */
  next(): Promise<string>;
  tell(line: string): void;
  /** Ends its input, after which it ends by itself. */
  close(): Promise<void>;
}

export function startLineProcess({ executable, args, env }: LineCommand): LineProcess {
  const child = spawn(executable, args, {
    cwd: cloneRoot,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async next() {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${args.join(' ')} ended; see above what it said`);
      return line.value;
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** A script of this repository that needs no other loader than the product's. */
export function script(file: string, args: readonly string[]): LineCommand {
  return { executable: process.execPath, args: ['--import', 'tsx', file, ...args] };
}
