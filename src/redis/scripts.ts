import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster, Redis } from 'ioredis';

export type Script = (
  redis: Redis | Cluster,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/**
 * A Lua script kept as a file (`commands/verb-noun.lua`), run by digest, and sent whole to a server that does not know it: one that was
 * restarted, or another of a cluster.
 * @param file URL of the script beside the caller: `new URL('./commands/claim-keys.lua', import.meta.url)`
 * @param options.binary replies are Buffers in place of strings
 * @param options.shared a file of what several scripts have in common, put before this one
 */
export function loadScript(file: URL, options: { binary?: boolean; shared?: URL } = {}): Script {
  const shared = options.shared === undefined ? '' : readFileSync(options.shared, 'utf8');
  const source = shared + readFileSync(file, 'utf8');
  const sha = createHash('sha1').update(source).digest('hex');
  return async (redis, keys, args) => {
    const run = (command: string, script: string): Promise<unknown> =>
      options.binary === true
        ? redis.callBuffer(command, script, keys.length, ...keys, ...args)
        : redis.call(command, script, keys.length, ...keys, ...args);
    try {
      return await run('evalsha', sha);
    } catch (error) {
      if (!String(error).includes('NOSCRIPT')) throw error;
      return await run('eval', source);
    }
  };
}
