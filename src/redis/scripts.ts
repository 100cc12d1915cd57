import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

export type Script = (
  redis: Redis,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/**
 * A Lua script kept as a file (`commands/verb-noun.lua`), run by digest and loaded where the server does not know it yet.
 * @param file URL of the script beside the caller: `new URL('./commands/claim-keys.lua', import.meta.url)`
 */
export function loadScript(file: URL): Script {
  const source = readFileSync(file, 'utf8');
  const loaded = new WeakMap<Redis, Promise<unknown>>();
  return async (redis, keys, args) => {
    let sha = loaded.get(redis);
    if (sha === undefined) loaded.set(redis, (sha = redis.script('LOAD', source)));
    try {
      return await redis.evalsha(String(await sha), keys.length, ...keys, ...args);
    } catch (error) {
      // A restarted server has forgotten its scripts; and a failed load must not be remembered.
      loaded.delete(redis);
      if (!String(error).includes('NOSCRIPT')) throw error;
      return await redis.eval(source, keys.length, ...keys, ...args);
    }
  };
}
