import type { Redis } from 'ioredis';
import { keyspace } from '../../redis/keys.ts';
import { loadScript } from '../../redis/scripts.ts';
import type { Taking, Takings } from './takings.ts';

const takeUnits = loadScript(new URL('./commands/take-units.lua', import.meta.url));

/**
 * Counts in the `state` Redis, before a request is begun: they outlive this process, and several servers of one hotkey share them. It costs a request one
 * round trip and, at appendfsync always, one write to disk.
 */
export function createRedisTakings({ redis, hotkey }: { redis: Redis; hotkey: string }): Takings {
  const key = keyspace(hotkey);
  return {
    async take({ task, period, caller, units, owed, keptMs }) {
      const name = key('inference', 'taken', task, period);
      const reply = await takeUnits(redis, [name], [caller, units, owed, Math.ceil(keptMs)]);
      const [isOwed, taken] = reply as [number, number];
      return { isOwed: isOwed === 1, taken };
    },
    async of(task, period) {
      const callers = new Map<string, Taking>();
      for (const [field, count] of Object.entries(await redis.hgetall(key('inference', 'taken', task, period)))) {
        const caller = field.slice(2);
        const had = callers.get(caller) ?? { taken: 0, beyond: 0 };
        callers.set(caller, { ...had, [field.startsWith('t:') ? 'taken' : 'beyond']: Number(count) });
      }
      return callers;
    },
  };
}
