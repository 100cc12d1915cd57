import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const folder = 'test/integration';

/** What their claims take from a busy machine is time: whole networks of processes, and a miner's full load. They run when nothing else does. */
const QUIET = ['cheating-modes', 'indistinguishable', 'network'].map((name) => `${folder}/${name}.integration.test.ts`);

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.integration.test.ts'))
  .map((name) => `${folder}/${name}`);
/** Files that use the run's one stack, by themselves or through what starts workers on it. */
const SHARED = files.filter((file) => /\/support\/(stack|test-workers)\.ts'/.test(readFileSync(file, 'utf8')));
const OWN = files.filter((file) => ![...SHARED, ...QUIET].includes(file));

/** Files of one lane run one after the other. `test/run.mjs` runs the first two lanes at once; without it all three take turns. */
const lane = (name: string, include: string[], groupOrder: number, globalSetup: string[] = []) => ({
  extends: true as const,
  test: { name, include, globalSetup, sequence: { groupOrder } },
});

export default defineConfig({
  test: {
    projects: [
      lane('shared-stack', SHARED, 1, [`test/support/global-stack.ts`]),
      lane('own-parts', OWN, 2),
      lane('quiet', QUIET, 3),
    ],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The chain client's library prints every outage that tests make.
    silent: 'passed-only',
  },
});
