import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { cloneRoot } from '../../stack/parts.ts';
import { startStack } from '../../stack/stack.ts';
import type { StackUrls } from '../../stack/state-file.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    stack: StackUrls;
  }
}

/** One stack for the whole integration run, with a chain that makes a block on each transaction. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parent = join(cloneRoot, '.seine', 'test');
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, 'stack-'));
  const stack = await startStack({ dir, chain: { blocks: 'instant' }, env: process.env, log: () => undefined });
  project.provide('stack', stack.urls);
  return async () => {
    await stack.down();
    rmSync(dir, { recursive: true, force: true });
  };
}
