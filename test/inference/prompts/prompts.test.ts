import { describe, expect, it } from 'vitest';
import { composePrompt } from '../../../src/inference/prompts/compose-prompt.ts';
import { attemptDraws, freshPrompt, NoFreshPrompt } from '../../../src/inference/prompts/fresh-prompt.ts';
import { IMAGE_VOCABULARY } from '../../../src/inference/prompts/image-vocabulary.ts';
import { promptFault } from '../../../src/inference/prompts/prompt-fault.ts';
import { memoryHistory } from '../../../src/inference/prompts/prompt-history.ts';
import { promptKeys } from '../../../src/inference/prompts/prompt-keys.ts';
import { cleanRewrite, rewriteInstruction } from '../../../src/inference/prompts/prompt-model.ts';
import { drawsFrom, promptSeed } from '../../../src/inference/prompts/prompt-seed.ts';
import { NO_SEEDS, promptSeedsOf } from '../../../src/inference/prompts/seed-words.ts';
import { TEXT_VOCABULARY } from '../../../src/inference/prompts/text-vocabulary.ts';
import { combinations, slotsOf } from '../../../src/inference/prompts/vocabulary.ts';

const ORIGIN = {
  block_hash: `0x${'1f'.repeat(32)}`,
  secret: 'ab'.repeat(32),
  miner: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  task: 'chat',
  index: 0,
};

describe('the seed of a prompt', () => {
  it('is fixed by every one of its parts', () => {
    const seeds = [
      ORIGIN,
      { ...ORIGIN, block_hash: `0x${'2f'.repeat(32)}` },
      { ...ORIGIN, secret: 'ac'.repeat(32) },
      { ...ORIGIN, miner: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' },
      { ...ORIGIN, task: 'image' },
      { ...ORIGIN, index: 1 },
    ].map(promptSeed);
    expect(new Set(seeds).size).toBe(6);
    // Computed apart, in another language: another value makes every published prompt irreproducible.
    expect(seeds[0]).toBe('9dc2c5ef4a400f774019565a4c5ad1fb54395bbe50f16aa1d80fb676cf0967dc');
    expect(() => promptSeed({ ...ORIGIN, task: 'chat.0' })).toThrow("can't be a part");
  });

  it('draws alike everywhere, and evenly', () => {
    const draws = drawsFrom(promptSeed(ORIGIN));
    expect(Array.from({ length: 12 }, () => draws.below(1000))).toEqual([
      680, 298, 295, 970, 124, 306, 672, 757, 357, 774, 127, 715,
    ]);
    const counts = Array.from({ length: 7 }, () => 0);
    for (let drawn = 0; drawn < 14_000; drawn++) {
      const value = draws.below(7);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    // 2000 each; five standard deviations are 207.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(207);
    expect(() => draws.below(0)).toThrow(RangeError);
    expect(() => draws.pick([])).toThrow(RangeError);
    expect([draws.chance(0), draws.chance(1_000_000)]).toEqual([false, true]);
  });
});

describe('composed prompts', () => {
  it.each([
    ['text', TEXT_VOCABULARY],
    ['image', IMAGE_VOCABULARY],
  ])('of %s are billions, from slots that all exist and repeat nothing', (_, vocabulary) => {
    expect(combinations(vocabulary)).toBeGreaterThan(10_000_000_000n);
    const used = new Set(vocabulary.templates.flatMap(slotsOf));
    expect(used).toEqual(new Set(Object.keys(vocabulary.slots)));
    expect(vocabulary.seeded.every((slot) => used.has(slot))).toBe(true);
    for (const list of Object.values(vocabulary.slots)) expect(new Set(list).size).toBe(list.length);
  });

  it('a seed makes one prompt, which fits in 1 KB', () => {
    const texts = Array.from({ length: 500 }, (_, index) =>
      composePrompt(TEXT_VOCABULARY, NO_SEEDS, drawsFrom(promptSeed({ ...ORIGIN, index }))),
    );
    const again = composePrompt(TEXT_VOCABULARY, NO_SEEDS, drawsFrom(promptSeed({ ...ORIGIN, index: 499 })));
    expect(texts[499]).toBe(again);
    expect(new Set(texts).size).toBe(500);
    expect(texts.map((text) => promptFault(text, 1023)).filter((fault) => fault !== null)).toEqual([]);
    expect(texts.join('')).not.toMatch(/[{}]|undefined/);
  });

  it('take words and phrases of published datasets', () => {
    const seeds = promptSeedsOf(['Quokkas wander over Rottnest island at dawn.']);
    const prompts = Array.from({ length: 60 }, (_, index) =>
      composePrompt(TEXT_VOCABULARY, seeds, drawsFrom(`${index}`)),
    );
    expect(prompts.filter((prompt) => /quokkas|wander|rottnest|island/.test(prompt)).length).toBeGreaterThan(20);
  });
});

describe('seeds from published texts', () => {
  it('are words and phrases, without accounts, tags and addresses, whatever the order', () => {
    const texts = [
      'The harbour froze over. See https://example.org @ann #cold',
      "It's the fisher's harbour, isn't it?",
    ];
    const seeds = promptSeedsOf(texts);
    expect(seeds.words).toEqual(["fisher's", 'froze', 'harbour', "isn't", "it's", 'over']);
    expect(seeds.phrases).toEqual(["it's the fisher's harbour", 'the harbour froze over']);
    expect(promptSeedsOf(texts.toReversed())).toEqual(seeds);
    expect(promptSeedsOf(texts, 1)).toEqual({ words: ['harbour'], phrases: ['the harbour froze over'] });
  });
});

describe('near duplicates', () => {
  const areNear = async (a: string, b: string) => {
    const history = memoryHistory();
    await history.claim(promptKeys(a));
    return await history.claim(promptKeys(b));
  };
  const FOX = 'A small red fox waits under the stone bridge in heavy rain';

  it.each([
    ['the same', FOX, 'exact'],
    ['case and punctuation', 'a small, RED fox waits under the stone bridge -- in heavy rain!', 'exact'],
    ['another order', 'In heavy rain, under the stone bridge, waits a small red fox', 'near'],
    ['one word for another', 'A small red wolf waits under the stone bridge in heavy rain', 'near'],
    ['one word more', 'A small old red fox waits under the stone bridge in heavy rain', 'near'],
    ['one word less', 'A red fox waits under the stone bridge in heavy rain', 'near'],
    ['common words', 'The small red fox waits under my stone bridge at heavy rain', 'near'],
    ['two words', 'A small red wolf waits under the wooden bridge in heavy rain', 'fresh'],
    ['all of it', 'Explain how tides move', 'fresh'],
  ])('%s', async (_, other, verdict) => {
    expect(await areNear(FOX, other)).toBe(verdict);
  });

  it('are found among long prompts too, at a bounded number of keys', async () => {
    const words = Array.from({ length: 150 }, (_, index) => `word${index}`);
    for (let at = 0; at < 150; at++) {
      const other = words.with(at, 'changed').join(' ');
      expect(await areNear(words.join(' '), other)).toBe('near');
    }
    expect(promptKeys(words.join(' ')).near).toHaveLength(25);
    expect(await areNear('of the', 'to a')).toBe('fresh');
  });
});

describe('a fresh prompt', () => {
  const write = (draws: ReturnType<typeof drawsFrom>) => composePrompt(IMAGE_VOCABULARY, NO_SEEDS, draws);

  it('none repeats within a validator, and each can be composed again from seed and attempt', async () => {
    const history = memoryHistory();
    const prompts = new Set<string>();
    for (let index = 0; index < 2000; index++) {
      const seed = promptSeed({ ...ORIGIN, index });
      const { prompt, attempt } = await freshPrompt({ seed, write, history, maxBytes: 1023 });
      expect(write(attemptDraws(seed, attempt))).toBe(prompt);
      prompts.add(prompt);
    }
    expect(prompts.size).toBe(2000);
  });

  it('is drawn again where it was asked, and given up where nothing is left', async () => {
    const history = memoryHistory();
    const few = (draws: ReturnType<typeof drawsFrom>) => draws.pick(['red green blue', 'salt pepper thyme']);
    const options = { seed: '1', write: few, history, maxBytes: 100 };
    const first = await freshPrompt(options);
    const second = await freshPrompt(options);
    expect(new Set([first.prompt, second.prompt]).size).toBe(2);
    expect(second.attempt).toBeGreaterThan(0);
    await expect(freshPrompt(options)).rejects.toThrow('was asked before');
    await expect(freshPrompt({ ...options, maxBytes: 10 })).rejects.toBeInstanceOf(NoFreshPrompt);
  });

  it.each([
    ['short', 'is shorter'],
    ['control \u0000 characters', 'control characters'],
    ['half a \ud800 pair', 'surrogate'],
    ['é'.repeat(512), '1024 bytes'],
  ])('is not %j', (prompt, why) => {
    expect(promptFault(prompt, 1023)).toContain(why);
  });
});

describe('a prompt model', () => {
  it.each([
    ['"A fox on a bridge"', 'A fox on a bridge'],
    ['Sure! Here is the prompt:\n\nA fox\non a bridge', 'A fox on a bridge'],
    ["Here's a rewritten message: How do tides move?", 'How do tides move?'],
    ['```text\nA fox\n```', 'A fox'],
    ['“Fox” and “hare”', '“Fox” and “hare”'],
    ['Prompt: a fox', 'a fox'],
    ['Sure footed goats on a cliff', 'Sure footed goats on a cliff'],
  ])('%j says %j', (answer, prompt) => {
    expect(cleanRewrite(answer)).toBe(prompt);
  });

  it('is asked with what was composed', () => {
    expect(rewriteInstruction('A fox', 'image')).toMatch(/image generator.*\n\nA fox$/s);
  });
});
