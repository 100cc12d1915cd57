import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { TextStream } from '../../src/cli/output.ts';
import { runCli } from '../../src/cli/program.ts';

/** A stream that remembers what was written. */
export function textSink(isTTY = false): TextStream & { text: string } {
  return {
    text: '',
    isTTY,
    write(text) {
      this.text += text;
    },
  };
}

export interface Input {
  typed?: string[];
  piped?: string;
}

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs commands in a folder of the test's own, with no environment but what is given. */
export function useCli(): {
  folder: () => string;
  /** `typed` are a person's answers, in order; without them there is no terminal, and `piped` is what comes in. */
  run: (args: string[], env?: Record<string, string>, input?: Input) => Promise<Ran>;
} {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seine cli '));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  return {
    folder: () => folder,
    async run(args, env = {}, { typed, piped = '' } = {}) {
      const [stdout, stderr] = [textSink(), textSink()];
      const exitCode = await runCli(args, {
        env: { HOME: folder, ...env },
        cwd: folder,
        clone: process.cwd(),
        stdout,
        stderr,
        terminal: {
          ask: () => Promise.resolve(typed?.shift() ?? null),
          piped: () => Promise.resolve(typed === undefined ? piped : null),
        },
        interrupt: () => new AbortController().signal,
      });
      return { exitCode, stdout: stdout.text, stderr: stderr.text };
    },
  };
}
