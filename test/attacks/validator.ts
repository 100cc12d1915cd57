import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { tempDir } from '../datasets/temp-dir.ts';
import type { RedisServers } from '../support/redis-servers.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { TestValidator } from '../support/test-validator.ts';
import { createTestValidator } from '../support/test-validator.ts';

/** Gives validators that know nothing yet, for the tests of one file. */
export function useValidators(): () => Promise<TestValidator> {
  const dir = tempDir();
  let servers: RedisServers;
  let redis: Redis;
  let made = 0;
  beforeAll(async () => {
    servers = await startRedisServers(1);
    redis = new Redis(servers.ports[0]!, '127.0.0.1');
  }, 30_000);
  afterAll(async () => {
    redis.disconnect();
    await servers.stop();
  });
  return async () => {
    made += 1;
    return await createTestValidator({
      index: redis,
      state: redis,
      dir: join(dir, String(made)),
      uri: `//Judge${made}`,
    });
  };
}

/** A text that is long enough to have a key, about `topic`. */
export function textOf(topic: string): string {
  return `What ${topic} is about is told here at some length, so that whoever copies it copies a whole page.`;
}
