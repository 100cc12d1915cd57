import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { startRedisServers } from './redis-servers.ts';
import type { RedisServers } from './redis-servers.ts';

/** A Redis server of this test file's own, and a connection to it, while its tests run. */
export function useOwnRedis(): { redis: () => Redis; url: () => string } {
  let servers: RedisServers;
  let redis: Redis;
  beforeAll(async () => {
    servers = await startRedisServers(1);
    redis = new Redis(servers.ports[0]!, '127.0.0.1');
  });
  afterAll(async () => {
    redis.disconnect();
    await servers.stop();
  });
  return { redis: () => redis, url: () => `redis://127.0.0.1:${servers.ports[0]}` };
}
