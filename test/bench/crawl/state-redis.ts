import { join } from 'node:path';
import { stopGroup } from '../../../stack/process-group.ts';
import { startPart } from '../../../stack/processes.ts';
import { localRedis, redisUrl } from '../../../stack/redis.ts';

const STOP_MS = 5000;

/** A Redis of the `state` role on an empty folder, just as the stack starts one: every write synced. */
export async function startStateRedis(
  dir: string,
): Promise<{ pid: number; url: string; stop: () => Promise<unknown> }> {
  const part = localRedis('state', join(dir, 'redis'), process.env);
  const record = await startPart(part, { dir, log: () => undefined, record: () => undefined });
  return { pid: record.pid, url: redisUrl(record.ports[0]), stop: () => stopGroup(record, STOP_MS) };
}
