import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cloneRoot } from '../../stack/parts.ts';

interface LockFile {
  readonly packages: Readonly<Record<string, { hasInstallScript?: boolean; optional?: boolean }>>;
}

it('has no dependency that does not work without its install script', () => {
  const lock = JSON.parse(readFileSync(join(cloneRoot, 'package-lock.json'), 'utf8')) as LockFile;
  const scripted = Object.entries(lock.packages).filter(
    ([, entry]) => entry.hasInstallScript === true && !entry.optional,
  );
  // Both bring their binary in an optional package for the platform; their scripts only look whether it is there. A new
  // name here needs a look at its script, and a rebuild by name in stack/setup/npm.mjs if it compiles something.
  expect(scripted.map(([path]) => path)).toEqual(['node_modules/@swc/core', 'node_modules/esbuild']);
});
