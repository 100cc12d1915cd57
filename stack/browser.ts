import { accessSync, constants } from 'node:fs';
import type { Environment } from './environment.ts';
import { PartMissingError } from './errors.ts';
import { cloneRoot, readParts } from './parts.ts';

/**
 * Path of the browser to launch: the one that CHROMIUM_PATH names, else the user's or the packaged one, as set-up found it.
 * Throws `PartMissingError`.
 */
export function resolveChromium(env: Environment, root: string = cloneRoot): string {
  const named = env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new PartMissingError(
      'Chromium',
      `CHROMIUM_PATH is ${named}, which is no executable file. Correct it or unset it.`,
    );
  }
  const found = readParts(root).chromium?.executable;
  if (found !== undefined && isExecutable(found)) return found;
  throw new PartMissingError(
    'Chromium',
    'run `node stack/setup.mjs`, or set CHROMIUM_PATH to a Chromium or Google Chrome.',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
