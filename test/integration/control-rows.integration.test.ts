import { expect, it } from 'vitest';
import { createControlRows } from '../../src/scrapers/control-rows.ts';
import { sampleRecord } from '../datasets/records.ts';
import { useOwnRedis } from '../support/own-redis.ts';

const { redis } = useOwnRedis();

it('known-good rows are those of others, of this source, of the last hour, the newest first, and not without end', async () => {
  let now = 1_000_000_000_000;
  const controls = createControlRows({ redis: redis(), hotkey: '5Validator', now: () => now });
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
