import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { ReplayWorkerOptions } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';

const HISTORIES = new URL('../histories/', import.meta.url);
const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

async function bundled(path: string): Promise<ReplayWorkerOptions> {
  const workflowsPath = fileURLToPath(new URL(path, import.meta.url));
  return { workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }) };
}

function history(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, HISTORIES), 'utf8'));
}

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

describe('recorded histories', () => {
  let options: ReplayWorkerOptions;
  beforeAll(async () => {
    options = await bundled('../../workflows/all.ts');
  });

  it('exist of every workflow', () => {
    const source = readFileSync(new URL('../../workflows/all.ts', import.meta.url), 'utf8');
    const names = [...source.matchAll(/export \{ (\w+) \}/g)].map((match) => `${match[1]}.json`);
    expect(names.length).toBeGreaterThan(0);
    expect(files).toEqual(expect.arrayContaining(names));
  });

  it.each(files)('%s replays', async (name) => {
    await Worker.runReplayHistory(options, history(name), name);
  });
});

describe('changed workflow code', () => {
  it('is refused', async () => {
    const changed = await bundled('../fixtures/changed-workflows/all.ts');
    await expect(Worker.runReplayHistory(changed, history('scrapeSource.json'))).rejects.toThrow(
      DeterminismViolationError,
    );
  });
});
