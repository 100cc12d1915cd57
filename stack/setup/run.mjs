import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What is missing and how to get it; set-up prints the message alone, without a stack. */
export class SetupError extends Error {}

/**
 * Runs a command to its end and shows the two ends of its output in the error (npm says why first, pip last).
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, hint: string }} options `hint` says what to do when it fails
 * @returns {Promise<void>}
 */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) =>
      reject(new SetupError(`${command} could not be started: ${error.message}\n${options.hint}`)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new SetupError(
            `${command} ${args.join(' ')} ended with ${signal ?? code}:\n${ends(output.trim())}\n${options.hint}`,
          ),
        );
    });
  });
}

function ends(text) {
  return text.length <= 4000 ? text : `${text.slice(0, 2000)}\n…\n${text.slice(-2000)}`;
}

/** Standard output of a command that ends well within the limit, else undefined. */
export function outputOf(command, args, timeoutMs = 15_000) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** The first executable file of that name on PATH, else undefined. */
export function findOnPath(name, pathVariable = process.env.PATH ?? '') {
  for (const folder of pathVariable.split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not in this folder: look in the next.
    }
  }
  return undefined;
}
