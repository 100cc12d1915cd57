import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '../../../stack/parts.ts';

const SOURCE = join(cloneRoot, 'test', 'bench', 'peers', 'crawlee');
const HOME = join(cloneRoot, '.seine');

/**
 * The folder with Crawlee in it, at the versions that its own lock pins. It is a peer and none of the product's dependencies, so the first run installs
 * it apart, into `.seine/`; a change of the lock installs anew.
 */
export async function crawleePackage(): Promise<string> {
  const lock = readFileSync(join(SOURCE, 'package-lock.json'));
  const folder = join(HOME, `crawlee-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  console.error('installing Crawlee, which the bench compares with, into .seine (40 MB, once) …');
  mkdirSync(HOME, { recursive: true });
  const draft = mkdtempSync(join(HOME, 'crawlee.draft-'));
  try {
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(SOURCE, name), join(draft, name));
    const npm = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: draft,
      stdio: ['ignore', 2, 2],
    });
    const [code] = (await once(npm, 'close')) as [number | null];
    if (code !== 0) throw new Error('npm could not install Crawlee; see above, mend it and run the bench again');
    renameSync(draft, folder);
    return folder;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
