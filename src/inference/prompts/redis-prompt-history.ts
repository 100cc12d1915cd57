import type { Redis } from 'ioredis';
import { keyspace } from '../../redis/keys.ts';
import { loadScript } from '../../redis/scripts.ts';
import type { PromptHistory } from './prompt-history.ts';

/*
 * Bloom filters in generations. A generation of 262,144 prompts takes 16 MB, about 512 bits for a prompt's up to 26 keys: in it a fresh prompt is
 * called near once in some 200 cases, and that costs one more draw. 32 generations, 8 million prompts and 512 MB, are kept; what is older is forgotten, which
 * with billions of combinations and secret seeds nobody can use.
 */
const GENERATION_PROMPTS = 262_144;
const GENERATIONS = 32;

const claim = loadScript(new URL('./commands/claim-prompt.lua', import.meta.url));

export interface RedisPromptHistoryOptions {
  redis: Redis;
  /** SS58 address of the validator. */
  hotkey: string;
  /** @default 262144 */
  generationPrompts?: number;
  /** @default 32 */
  generations?: number;
}

/** A history that outlives the process and is shared by all of a validator's workers. */
export function createRedisPromptHistory(options: RedisPromptHistoryOptions): PromptHistory {
  const { redis, hotkey, generationPrompts = GENERATION_PROMPTS, generations = GENERATIONS } = options;
  const key = keyspace(hotkey);
  const keys = [key('prompts', 'state'), key('prompts')];
  return {
    claim: async ({ exact, near }) => {
      const answer = await claim(redis, keys, [generationPrompts, generations, exact, ...near]);
      return answer as 'fresh' | 'exact' | 'near';
    },
  };
}
