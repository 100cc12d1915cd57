import type { ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const EVERY_MS = 50;
const PAGE_BYTES = 4096;

/** The most bytes that a process and all that it started had in memory at once (Linux; memory that they share counts for each). */
export async function peakOf(child: ChildProcess): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, treeBytes(child.pid ?? 0))), EVERY_MS);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  return peak;
}

function treeBytes(root: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // Fields after the command's name, which may hold anything: state, then the parent.
    const parent = Number(read(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const bytesOf = (pid: number): number =>
    Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * PAGE_BYTES +
    (children.get(pid) ?? []).reduce((sum, child) => sum + bytesOf(child), 0);
  return bytesOf(root);
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
