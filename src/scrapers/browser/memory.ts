import { readFile } from 'node:fs/promises';

/** Memory that a process holds, in bytes. */
export interface ProcessMemory {
  pid: number;
  /** Its own: heaps, stacks, shared memory. */
  ownBytes: number;
  /** Of files that it maps, which several processes of one program share. */
  fileBytes: number;
}

/** Of those processes that still live; none on systems without /proc. */
export async function memoryOf(pids: readonly number[]): Promise<ProcessMemory[]> {
  const found = await Promise.all(pids.map(async (pid) => parseStatus(pid, await readStatus(pid))));
  return found.filter((memory) => memory !== null);
}

/** Resident bytes of all together, the program's own file counted once. */
export function residentBytes(processes: readonly ProcessMemory[]): number {
  return (
    processes.reduce((sum, { ownBytes }) => sum + ownBytes, 0) +
    processes.reduce((most, { fileBytes }) => Math.max(most, fileBytes), 0)
  );
}

/** From the text of /proc/<pid>/status (proc_pid_status(5)); null where it tells no memory. */
export function parseStatus(pid: number, status: string): ProcessMemory | null {
  const bytesOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  const ownBytes = bytesOf('RssAnon') + bytesOf('RssShmem');
  return ownBytes === 0 ? null : { pid, ownBytes, fileBytes: bytesOf('RssFile') };
}

async function readStatus(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
}
