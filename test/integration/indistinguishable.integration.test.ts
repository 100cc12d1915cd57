import { cryptoWaitReady } from '@polkadot/util-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { sentencesOf } from '../../src/inference/prompts/prompt-corpus.ts';
import { chatTexts } from '../../src/inference/wire/chat.ts';
import type { ChatRequest } from '../../src/inference/wire/chat.ts';
import { auc, tellApart, tellApartBothWays } from '../support/classifier/classify.ts';
import type { Told } from '../support/classifier/classify.ts';
import type { SeenRequest } from '../support/classifier/seen-request.ts';
import { heldOutTexts } from '../support/customers.ts';
import { LEAKS, recordMix } from '../support/recorded-mix.ts';
import type { Leak } from '../support/recorded-mix.ts';

/** With each half of the 2,000 held out in its turn, the AUC of one model has a standard error of .01 to .013. */
const SIZE = { count: 1000, periodMs: 15_000 };
/** What one leak gives away is seen in fewer. */
const LEAKY = { count: 500, periodMs: 7500 };
/** Times are told where the machine keeps them: few requests, far apart. */
const SLOW = { count: 200, periodMs: 20_000 };
/** A machine that others use as well. */
const TIMEOUT_MS = 400_000;
const HONEST_SEEDS = ['1', '2', '3'];

describe('synthetic requests among those of customers, as the miner sees them', () => {
  const table: string[] = [];
  const honest = new Map<string, SeenRequest[]>();
  const line = (build: string, { logistic, stumps }: Told) => {
    table.push(`${build.padEnd(32)} ${logistic.toFixed(3)}    ${stumps.toFixed(3)}`);
  };

  beforeAll(async () => {
    await cryptoWaitReady();
    // Read once, for all.
    heldOutTexts('1');
  }, TIMEOUT_MS);

  it.each(HONEST_SEEDS)(
    'are not told apart (seed %s)',
    async (seed) => {
      const seen = await recordMix({ ...SIZE, seed, leaks: [] });
      expect(seen.filter(({ synthetic }) => synthetic).length).toBeGreaterThan(0.99 * SIZE.count);
      expect(seen.length).toBeGreaterThan(1.9 * SIZE.count);
      const told = tellApartBothWays(seen, seed);
      honest.set(seed, seen);
      line(`honest, seed ${seed}`, told);
      expect(told.best).toBeLessThanOrEqual(0.55);
    },
    TIMEOUT_MS,
  );

  it.each<[string, readonly Leak[], number]>([
    ['all leaks', LEAKS, 0.9],
    ...LEAKS.map((leak): [string, Leak[], number] => [leak, [leak], leak === 'regular times' ? 0.75 : 0.9]),
  ])(
    'are told apart by a careless build: %s',
    async (build, leaks, least) => {
      const [only] = leaks.length === 1 ? leaks : [];
      const size = only === undefined ? SIZE : only === 'regular times' ? SLOW : LEAKY;
      const told = tellApart(await recordMix({ ...size, seed: '1', leaks }), '1');
      line(build, told);
      expect(told.best).toBeGreaterThanOrEqual(least);
    },
    TIMEOUT_MS,
  );

  it('are found by a miner that holds the very datasets, where no prompt model says them in other words', () => {
    const published = new Set(heldOutTexts('1').corpus.documents.flat());
    const seen = honest.get('1') ?? [];
    const found = seen.map(({ body }) => {
      const sentences = chatTexts(JSON.parse(body) as ChatRequest).flatMap(sentencesOf);
      return sentences.filter((sentence) => published.has(sentence)).length / Math.max(1, sentences.length);
    });
    const looked = auc(
      found,
      seen.map(({ synthetic }) => synthetic),
    );
    table.push(`looked up in the datasets        ${looked.toFixed(3)}`);
    // Known, and said in docs/attacks.md: whoever changes it should change that page.
    expect(looked).toBeGreaterThan(0.95);
    console.log(`\nheld-out AUC                     logistic stumps\n${table.join('\n')}\n`);
  });
});
