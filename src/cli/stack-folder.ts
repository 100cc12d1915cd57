import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config/load.ts';

/** Folder of the local parts that `seine stack up` starts. */
export function ownStackDir({ values }: Settings): string {
  return join(values.home, 'stack');
}

/** Folder of the stack that commands look at: the own one, or where that isn't up, the one that `npm start` has up. */
export function stackDirOf(settings: Settings): string {
  const own = ownStackDir(settings);
  const newest = join(settings.values['runs.dir'], 'latest', 'stack');
  return !hasState(own) && hasState(newest) ? newest : own;
}

/** Folders of stacks that runs of `npm start` have up or left behind. */
export function runStackDirs({ values }: Settings): string[] {
  const runs = values['runs.dir'];
  if (!existsSync(runs)) return [];
  const names = readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.map(({ name }) => join(runs, name, 'stack')).filter(hasState);
}

function hasState(dir: string): boolean {
  return existsSync(join(dir, 'stack.json'));
}
