import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watchPeak } from './process-use.ts';

/** The most bytes that a process and all that it started had in memory at once (Linux; memory that they share counts for each). */
export async function peakOf(child: ChildProcess): Promise<number> {
  const endWatch = watchPeak([child.pid ?? 0]);
  await once(child, 'close');
  return endWatch();
}
