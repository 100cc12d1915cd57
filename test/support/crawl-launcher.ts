// Keeps the parts of a crawl running: Redis (`state`), Temporal and two workers, each started again when it dies, at the same place. Killed itself and
// started anew, it ends what its predecessor left and begins again on the same data. For a test that kills all of them.
// Arguments: folder, port of Redis, port of Temporal, of its UI. Writes who is who to `<folder>/pids.json`.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, killGroup, stackMarker, stopMarked } from '../../stack/process-group.ts';
import { startPart } from '../../stack/processes.ts';
import type { LocalPart } from '../../stack/processes.ts';
import { localRedis, redisUrl } from '../../stack/redis.ts';
import { localTemporal, temporalAddress } from '../../stack/temporal.ts';

const WORKERS = 2;
const [dir = '', ...places] = process.argv.slice(2);
const [redisPort, temporalPort, uiPort] = places.map(Number);
const pids: Record<string, number> = { launcher: process.pid };

/** Starts a part at its ports again and again. */
async function keep(part: LocalPart, ports: number[]): Promise<void> {
  const placed = { ...part, preferredPorts: ports };
  const context = { dir, log: () => undefined, record: () => undefined };
  for (;;) {
    try {
      const record = await startPart(placed, context);
      // Whoever asks for it does so at its place; that is free again soon.
      if (record.ports.join() !== ports.join()) killGroup(record);
      note(part.name, record.pid);
      while (isAlive(record)) await sleep(100);
    } catch (error) {
      // What was killed while it started leaves nothing behind; the next try begins anew.
      console.error(String(error));
    }
  }
}

function keepWorker(name: string): void {
  const script = fileURLToPath(new URL('./crawl-worker.ts', import.meta.url));
  const args = ['--import', 'tsx', script, dir, redisUrl(redisPort), temporalAddress(temporalPort)];
  const worker: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, [stackMarker]: dir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  note(name, worker.pid ?? 0);
  worker.on('exit', () => setTimeout(() => keepWorker(name), 200));
}

function note(name: string, pid: number): void {
  pids[name] = pid;
  const draft = join(dir, 'pids.json.new');
  writeFileSync(draft, JSON.stringify(pids));
  renameSync(draft, join(dir, 'pids.json'));
}

await stopMarked(dir, 5000);
void keep(localRedis('state', dir, process.env), [redisPort ?? 0]);
void keep(localTemporal(dir, process.env), [temporalPort ?? 0, uiPort ?? 0]);
for (let at = 1; at <= WORKERS; at += 1) keepWorker(`worker-${at}`);
