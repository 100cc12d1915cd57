import type { Redis } from 'ioredis';
import { keyspace } from '../redis/keys.ts';
import { loadScript } from '../redis/scripts.ts';
import { bucketPrefix, inCalls } from './buckets.ts';

/**
 * What a miner has sealed before (Redis role `state`), so that no row is committed twice. Each key remembers the batch that was
 * first to add it: a batch that is run again after a crash sees its own keys as unseen and makes the same shard again.
 */
export interface History {
  /**
   * For each key whether it is new: not added by another batch, and not earlier in this very list.
   * @param batch the batch that asks; its own keys count as unseen
   */
  unseen(keys: readonly Buffer[], batch: string): Promise<boolean[]>;
  /** Remembers keys as the batch's; what another batch was first to add stays its own. Idempotent. */
  add(keys: readonly Buffer[], batch: string): Promise<void>;
}

const readKeys = loadScript(new URL('./commands/read-keys.lua', import.meta.url));
const addKeys = loadScript(new URL('./commands/add-keys.lua', import.meta.url));

/** @param options.hotkey the miner's own address: its keys lie under it */
export function createHistory(options: { redis: Redis; hotkey: string }): History {
  const { redis, hotkey } = options;
  const prefix = bucketPrefix(hotkey, 'history:keys');
  const batches = keyspace(hotkey)('history', 'batches');
  return {
    async unseen(keys, batch) {
      const own = Number(await redis.hget(batches, batch));
      const here = new Set<string>();
      const unseen: boolean[] = [];
      for (const call of inCalls(keys)) {
        const numbers = (await readKeys(redis, [prefix], call)) as number[];
        call.forEach((key, index) => {
          const name = key.toString('base64');
          const number = numbers[index] ?? 0;
          unseen.push((number === 0 || number === own) && !here.has(name));
          here.add(name);
        });
      }
      return unseen;
    },
    async add(keys, batch) {
      for (const call of inCalls(keys)) await addKeys(redis, [prefix, batches], [batch, ...call]);
    },
  };
}
