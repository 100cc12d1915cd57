import { readFileSync, readdirSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** Ticks of the kernel's accounts. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that this process, its children (on Linux only) and a Redis server have used so far. */
export async function cpuSeconds(redis: Redis): Promise<number> {
  const { user, system } = process.cpuUsage();
  const info = await redis.info('cpu');
  const ofRedis = ['user', 'sys'].map((name) => Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)?.[1]));
  return (user + system) / 1e6 + ofRedis.reduce((sum, seconds) => sum + seconds, 0) + childrenSeconds();
}

/** Of children that run the scheduler's own count, to the nanosecond; of those that have ended what the kernel kept. */
function childrenSeconds(): number {
  let nanoseconds = 0;
  for (const pid of read(`/proc/self/task/${process.pid}/children`).trim().split(' ')) {
    for (const task of tasksOf(pid)) {
      nanoseconds += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0] ?? 0);
    }
  }
  // Fields after the command's name, which may hold anything; the 14th and 15th are the time of ended children.
  const fields = read('/proc/self/stat').split(') ').at(-1)?.split(' ') ?? [];
  const endedTicks = Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
  return nanoseconds / 1e9 + endedTicks / TICKS_PER_SECOND;
}

function tasksOf(pid: string): string[] {
  try {
    return pid === '' ? [] : readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has just ended
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has just ended, or this is no Linux
  }
}
