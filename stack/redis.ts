import { join } from 'node:path';
import { Redis } from 'ioredis';
import { childEnvironment, type Environment } from './environment.ts';
import { PartUnreachableError, RedisModulesMissingError } from './errors.ts';
import { needPart } from './parts.ts';
import type { LocalPart } from './processes.ts';
import { missingModules } from './redis-modules.ts';

/** `index` can be rebuilt; `state` cannot, so it syncs every write to disk. */
export type RedisRole = 'index' | 'state';

const roles = {
  index: { setting: 'REDIS_INDEX_URL', port: 6379, appendfsync: 'everysec' },
  state: { setting: 'REDIS_STATE_URL', port: 6380, appendfsync: 'always' },
} as const;

const connectTimeoutMs = 5_000;

/** The user's own server for a role, from REDIS_INDEX_URL, REDIS_STATE_URL or REDIS_URL for both. */
export function externalRedis(role: RedisRole, env: Environment): { url: string; setting: string } | undefined {
  for (const setting of [roles[role].setting, 'REDIS_URL']) {
    const url = env[setting];
    if (url !== undefined && url !== '') return { url, setting };
  }
  return undefined;
}

/** Refuses a server that does not answer (`PartUnreachableError`) or lacks a module (`RedisModulesMissingError`). */
export async function checkRedis(url: string, setting: string): Promise<void> {
  const answer = await askRedis(url, (redis) => redis.call('MODULE', 'LIST')).catch((error: unknown) => {
    throw new PartUnreachableError('Redis', setting, withoutPassword(url), error);
  });
  const missing = missingModules(answer);
  if (missing.length > 0) throw new RedisModulesMissingError(setting, withoutPassword(url), missing);
}

/** A server of ours for a role: append-only file on, loopback only, modules loaded. */
export function localRedis(role: RedisRole, dir: string, env: Environment): LocalPart {
  const redis = needPart('redis');
  const data = join(dir, `redis-${role}`);
  const { port, appendfsync } = roles[role];
  return {
    name: `redis-${role}`,
    preferredPorts: [port],
    timeoutMs: 30_000,
    command: ([chosen]) => ({
      executable: redis.executable,
      args: [
        ...['--port', String(chosen), '--bind', '127.0.0.1', '--protected-mode', 'yes', '--daemonize', 'no'],
        ...['--dir', data, '--appendonly', 'yes', '--appendfsync', appendfsync, '--save', ''],
        // Its title would be written over the environment, by which `stackDown` finds a server that is not on record.
        ...['--maxmemory-policy', 'noeviction', '--set-proc-title', 'no'],
        ...redis.modules.flatMap((file) => ['--loadmodule', file]),
      ],
      cwd: data,
      env: { ...childEnvironment(env), ...(redis.libraries !== undefined && { LD_LIBRARY_PATH: redis.libraries }) },
    }),
    probe: async ([chosen]) => checkRedis(redisUrl(chosen), 'the local stack'),
  };
}

export function redisUrl(port: number | undefined): string {
  return `redis://127.0.0.1:${port}`;
}

/** One question over a connection of its own, without retries. */
async function askRedis<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // What connect rejects with only says that the connection is closed; the reason comes as an event.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => (reason = error));
  try {
    await redis.connect();
    return await question(redis);
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
