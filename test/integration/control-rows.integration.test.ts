import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createControlRows } from '../../src/scrapers/control-rows.ts';
import { sampleRecord } from '../datasets/records.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { RedisServers } from '../support/redis-servers.ts';

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

it('known-good rows are those of others, of this source, of the last hour, the newest first, and not without end', async () => {
  let now = 1_000_000_000_000;
  const controls = createControlRows({ redis, hotkey: '5Validator', now: () => now });
  const of = (number: number, hotkey: string) => ({ row: sampleRecord(number), committedAtUs: number, hotkey });
  const drawn = async (count = 1000): Promise<number[]> =>
    (await controls.draw('web', '5Miner', count)).map(({ committedAtUs }) => committedAtUs);
  await controls.add([]);
  expect(await drawn()).toEqual([]);

  await controls.add([of(1, '5Other')]);
  now += 1000;
  await controls.add([of(2, '5Miner'), of(3, '5Other')]);
  expect(await drawn()).toEqual([3, 1]);
  expect(await drawn(1)).toEqual([3]);
  expect(await controls.draw('x', '5Miner', 9)).toEqual([]);

  now += 3_600_000;
  expect(await drawn()).toEqual([3]);
  await controls.add(Array.from({ length: 500 }, (_, number) => of(number, '5Other')));
  expect(await drawn()).toHaveLength(200);
});
