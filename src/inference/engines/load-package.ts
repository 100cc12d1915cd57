import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, SeineError } from '../../core/errors.ts';

/** The packages that run models on this machine (stack/engines/package.json) are not there, or can't run here. */
export class EnginesMissing extends SeineError {
  constructor(name: string, why: string, cause?: unknown) {
    const message = `${name} can't be loaded (${why}): run \`node stack/setup.mjs --engines\`, or name a backend elsewhere`;
    super('EnginesMissing', message, { details: { package: name, why }, cause });
  }
}

/**
 * What a package of the engines exports. They lie in a folder of their own, apart from Seine's dependencies, since they take 400 MB that few need.
 * @param folder where set-up put them; undefined where it did not
 * @throws EnginesMissing
 */
export async function loadPackage(folder: string | undefined, name: string): Promise<unknown> {
  if (folder === undefined) throw new EnginesMissing(name, 'it is not installed');
  try {
    const path = createRequire(join(folder, 'package.json')).resolve(name);
    return (await import(pathToFileURL(path).href)) as unknown;
  } catch (error) {
    throw new EnginesMissing(name, messageOf(error), error);
  }
}
