import { beforeEach, expect, it } from 'vitest';
import { promptKeys } from '../../src/inference/prompts/prompt-keys.ts';
import { createRedisPromptHistory } from '../../src/inference/prompts/redis-prompt-history.ts';
import { useOwnRedis } from '../support/own-redis.ts';

const { redis } = useOwnRedis();
const hotkey = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';
/** Every call is another process's. */
const claim = (prompt: string, over: { generationPrompts?: number; generations?: number } = {}) =>
  createRedisPromptHistory({ redis: redis(), hotkey, ...over }).claim(promptKeys(prompt));

beforeEach(() => redis().flushall());

it('gives a prompt to one of many that ask for it at once, and knows it ever after', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => claim('a red lamp on a frozen lake')));
  expect(answers.filter((answer) => answer === 'fresh').length).toBe(1);
  expect(await claim('A red lamp, on a frozen LAKE!')).toBe('exact');
  expect(await claim('a red lamp on a lake')).toBe('near');
  expect(await claim('four brown horses cross the bridge')).toBe('fresh');
});

it('takes nothing of a prompt that it refuses', async () => {
  await claim('one two three four');
  expect(await claim('one two three five')).toBe('near');
  expect(await claim('six seven three five')).toBe('fresh');
});

it('calls few fresh prompts near, and no earlier one fresh', async () => {
  const prompts = Array.from({ length: 2000 }, (_, at) =>
    Array.from({ length: 12 }, (_, word) => `w${(at * 12 + word).toString(36)}`).join(' '),
  );
  const first = await Promise.all(prompts.map((prompt) => claim(prompt)));
  expect(first.filter((answer) => answer !== 'fresh').length).toBeLessThan(20);
  const again = await Promise.all(prompts.map((prompt) => claim(prompt)));
  expect(again.filter((answer) => answer === 'fresh')).toEqual([]);
});

it('is bounded: its oldest generation goes when there are too many', async () => {
  const small = { generationPrompts: 2, generations: 2 };
  const words = ['apple brook', 'cedar delta', 'ember frost', 'grove haven', 'inlet jetty', 'kayak lemon'];
  for (const prompt of words) expect(await claim(prompt, small)).toBe('fresh');
  expect(await claim(words[5]!, small)).toBe('exact');
  expect(await claim(words[2]!, small)).toBe('exact');
  expect(await claim(words[0]!, small)).toBe('fresh');
  const generations = new Set((await redis().keys('*:prompts:*')).map((key) => key.split(':').at(-2)));
  generations.delete('prompts');
  expect([...generations].sort()).toEqual(['2', '3']);
});
