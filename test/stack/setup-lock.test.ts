import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloneRoot } from '../../stack/parts.ts';

const lockModule = pathToFileURL(join(cloneRoot, 'stack', 'setup', 'lock.mjs')).href;
let dir: string;
let lock: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seine lock '));
  lock = join(dir, 'setup.lock');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A process that holds the lock while it runs `work`. */
function holder(work: string): string[] {
  return [
    '--input-type=module',
    '-e',
    `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
     import { setTimeout as sleep } from 'node:timers/promises';
     import { withLock } from ${JSON.stringify(lockModule)};
     const dir = ${JSON.stringify(dir)};
     await withLock(${JSON.stringify(lock)}, (pid) => console.log('waits for ' + pid), async () => { ${work} });`,
  ];
}

function run(work: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, holder(work), { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`ended with ${code}`))));
  });
}

describe('the set-up lock', () => {
  it('lets one in at a time and is gone afterwards', async () => {
    const work = `if (existsSync(dir + '/inside')) process.exit(1);
      writeFileSync(dir + '/inside', ''); await sleep(50); (await import('node:fs')).rmSync(dir + '/inside');`;
    await Promise.all(Array.from({ length: 4 }, () => run(work)));
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over a lock whose holder was killed', async () => {
    const killed = spawnSync(process.execPath, holder(`process.kill(process.pid, 'SIGKILL')`));
    expect(killed.signal).toBe('SIGKILL');
    expect(existsSync(lock)).toBe(true);
    expect(await run(`console.log('in')`)).toBe('in\n');
  });

  it('takes over a lock whose holder’s number is another process now', async () => {
    writeFileSync(lock, JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
    expect(await run(`console.log('in')`)).toBe('in\n');
  });
});
