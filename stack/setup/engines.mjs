import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillFolder } from './folders.mjs';
import { runNpm } from './npm.mjs';

const files = ['package.json', 'package-lock.json'];

/** Where the engines of this lock file go: another lock, another folder. */
export function enginesFolder(root) {
  const lock = readFileSync(join(root, 'stack', 'engines', 'package-lock.json'));
  return join(root, '.seine', `engines-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
}

/**
 * Installs the engines that run models on this machine (MIT), for the CPU alone: builds for GPUs are optional packages of 600 MB. No install script runs; the one of
 * onnxruntime-node would fetch such builds.
 */
export async function installEngines(root) {
  await fillFolder(enginesFolder(root), async (draft) => {
    for (const file of files) copyFileSync(join(root, 'stack', 'engines', file), join(draft, file));
    // Not `ci`, which refuses a lock file without those of the optional packages that a registry lacks: versions and digests are the lock's all the same. Peers
    // are what a package would be used with elsewhere: nsfwjs brings weights here, and no code of it runs.
    const flags = ['--ignore-scripts', '--omit=optional', '--legacy-peer-deps', '--no-audit', '--no-fund'];
    await runNpm(['install', ...flags], draft);
  });
}
