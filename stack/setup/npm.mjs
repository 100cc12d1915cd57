import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * Do node_modules hold what the lock file asks for? npm writes its own list of what it installed as its last step, so an
 * interrupted install has none. Packages for other platforms (optional) may be absent.
 */
export function dependenciesInstalled(root) {
  const installedList = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedList)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedList, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/**
 * Installs exactly the lock file. No install script runs: each native dependency of Seine brings its binary inside a
 * package of its own (an optional dependency for the platform), and test/stack/native-packages.test.ts checks that this stays so.
 */
export async function installDependencies(root) {
  await runNpm(['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'], root);
}

/** Runs npm in a folder: the one that runs us, where one does. */
export async function runNpm(args, cwd) {
  const npm = process.env.npm_execpath;
  const hint = 'Check the network and `npm config get registry`, then run the same command again.';
  // npm_execpath is npm's own script when npm started us; yarn and pnpm set it too, and they have no `ci`.
  if (npm !== undefined && /npm-cli\.[cm]?js$/.test(npm)) await run(process.execPath, [npm, ...args], { cwd, hint });
  else await run('npm', args, { cwd, hint });
}
