import { readFileSync, readdirSync } from 'node:fs';

/** Ticks of the kernel's accounts. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
const EVERY_MS = 50;

export interface ProcessUse {
  /** User and system, of threads and children that have ended too. */
  cpuSeconds: number;
  /** Resident now; memory that processes share counts for each. */
  bytes: number;
}

/** What some processes and all that they started have used so far (Linux). */
export function useOf(roots: readonly number[]): ProcessUse {
  const wanted = new Set(roots);
  const use = { cpuSeconds: 0, bytes: 0 };
  // A child's number may be below its parent's once numbers have come round, so all are read before any is counted.
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), fields: fieldsOf(name) }));
  for (let size = 0; size !== wanted.size;) {
    size = wanted.size;
    for (const { pid, fields } of all) if (wanted.has(Number(fields[1]))) wanted.add(pid);
  }
  for (const { pid, fields } of all) {
    if (!wanted.has(pid)) continue;
    const ticks = [11, 12, 13, 14].reduce((sum, place) => sum + Number(fields[place] ?? 0), 0);
    use.cpuSeconds += ticks / TICKS_PER_SECOND;
    use.bytes += Number(fields[21] ?? 0) * PAGE_BYTES;
  }
  return use;
}

/** Looks at the memory of some processes every so often until it is ended, and then says the most that it saw. */
export function watchPeak(roots: readonly number[]): () => number {
  let peak = useOf(roots).bytes;
  const look = (): void => {
    peak = Math.max(peak, useOf(roots).bytes);
  };
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    look();
    return peak;
  };
}

/** Of /proc/<pid>/stat those after the command's name, which may hold anything: state, parent … None for a process that has just ended. */
function fieldsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}
