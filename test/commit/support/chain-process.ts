import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { GenesisOptions } from '../../../chain/genesis.ts';
import { cloneRoot } from '../../../stack/parts.ts';

/** A development chain in a process of its own, so that it has a core of its own. */
export async function spawnChain(
  dir: string,
  genesis: GenesisOptions,
): Promise<{ endpoint: string; close: () => Promise<void> }> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'options.json');
  await writeFile(file, JSON.stringify(genesis));
  const main = join(cloneRoot, 'chain', 'main.ts');
  const args = ['--import', 'tsx', main, '--dir', join(dir, 'chain'), '--blocks', 'instant', '--genesis', file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => Promise.reject(new Error('the chain ended before it served'))),
  ])) as [string];
  return {
    endpoint: (JSON.parse(line) as { endpoint: string }).endpoint,
    async close() {
      child.kill();
      await exited;
    },
  };
}
