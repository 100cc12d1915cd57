import { execFile } from 'node:child_process';

const timeoutMs = 15_000;

/** What a command prints, trimmed. Rejects when it can't be run, fails, or takes longer than 15 s. */
export function outputOf(executable: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(executable, args, { env, timeout: timeoutMs }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim() === '' ? stderr.trim() : stdout.trim());
      else
        reject(
          new Error(`${executable} ${args.join(' ')} failed: ${stderr.trim() || error.message}`, { cause: error }),
        );
    });
  });
}
