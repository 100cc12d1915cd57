import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cloneRoot, readParts } from '../../stack/parts.ts';

/** A peer in Python that does the same work in rounds: `test/bench/peers/<name>.py`. */
export interface PythonPeer {
  /** One round; what it found, `seconds` among it. */
  round(): Promise<{ seconds: number } & Record<string, unknown>>;
  close(): void;
}

/**
 * Starts a peer. It prepares what is not measured, then does a round for each line that it reads and answers with a line of JSON.
 * What set-up brought comes first; BENCH_PYTHONPATH adds packages of one's own.
 */
export function startPythonPeer(name: string, args: readonly string[]): PythonPeer {
  const script = join(cloneRoot, 'test', 'bench', 'peers', `${name}.py`);
  const packages = [readParts().python?.packages, process.env['BENCH_PYTHONPATH']].filter((path) => path !== undefined);
  const child = spawn('python3', [script, ...args], {
    env: { ...process.env, PYTHONPATH: packages.join(':') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async round() {
      child.stdin.write('go\n');
      const line = await lines.next();
      if (line.done === true) throw new Error(`${name}.py ended; see above what it said`);
      return JSON.parse(line.value) as { seconds: number };
    },
    close: () => void child.stdin.end(),
  };
}
