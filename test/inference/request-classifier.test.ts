import { describe, expect, it } from 'vitest';
import { drawsFrom } from '../../src/inference/prompts/prompt-seed.ts';
import { auc, tellApart } from '../support/classifier/classify.ts';
import type { SeenRequest } from '../support/classifier/seen-request.ts';

const WORDS = 'harbour winter train bridge letter paper garden mountain kitchen window river music doctor market'.split(
  ' ',
);

interface Toy {
  /** What makes a request of one kind another. */
  change?: (request: SeenRequest, index: number) => SeenRequest;
  /** Labels that have nothing to do with what is seen. */
  isDrawn?: boolean;
}

/** 600 requests of random words at random times; every other one is changed. */
function toys({ change = (request) => request, isDrawn = false }: Toy): SeenRequest[] {
  const draws = drawsFrom('toys');
  return Array.from({ length: 600 }, (_, index) => {
    const words = Array.from({ length: 12 }, () => draws.pick(WORDS)).join(' ');
    const synthetic = isDrawn ? draws.chance(500_000) : index % 2 === 0;
    const request = {
      arrivedMs: draws.below(60_000),
      rawHeaders: ['host', 'here', 'accept', 'text/event-stream', 'x-id', String(draws.below(2 ** 32))],
      body: JSON.stringify({
        model: 'm',
        messages: [{ role: 'user', content: words }],
        max_tokens: 256,
        seed: draws.below(2 ** 32),
      }),
      synthetic,
    };
    return synthetic ? change(request, index) : request;
  });
}

describe('the classifier', () => {
  const edit = (request: SeenRequest, from: string | RegExp, to: string) => ({
    ...request,
    body: request.body.replace(from, to),
  });
  const reversed = (body: string) =>
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body) as object).toReversed()));

  it.each<[string, Toy['change']]>([
    [
      'a word in four of five texts',
      (request, index) => (index % 5 === 0 ? request : edit(request, /\w+"}/, 'tram"}')),
    ],
    ['longer texts', (request) => edit(request, 'content":"', `content":"${WORDS.slice(0, 6).join(' ')} `)],
    ['another parameter', (request) => edit(request, '256', '512')],
    ['another order of members', (request) => ({ ...request, body: reversed(request.body) })],
    ['one header more', (request) => ({ ...request, rawHeaders: [...request.rawHeaders, 'x-more', '1'] })],
    [
      'headers in another order',
      ({ rawHeaders: [a = '', b = '', ...rest], ...request }) => ({ ...request, rawHeaders: [...rest, a, b] }),
    ],
    ['a beat', (request, index) => ({ ...request, arrivedMs: index * 100 })],
    ['bursts', (request, index) => ({ ...request, arrivedMs: Math.floor(index / 20) * 2000 + (index % 20) })],
  ])('sees %s', (_, change) => {
    expect(tellApart(toys(change === undefined ? {} : { change }), '1').best).toBeGreaterThan(0.85);
  });

  it('finds nothing where there is nothing', () => {
    const nothing = [tellApart(toys({}), '1'), tellApart(toys({}), '2'), tellApart(toys({ isDrawn: true }), '3')];
    // 300 held out: three standard errors are .1.
    for (const { logistic, stumps } of nothing) {
      expect(Math.abs(logistic - 0.5)).toBeLessThan(0.1);
      expect(Math.abs(stumps - 0.5)).toBeLessThan(0.1);
    }
  });
});

describe('the area under the curve', () => {
  it.each([
    [[1, 2, 3, 4], [false, false, true, true], 1],
    [[1, 2, 3, 4], [true, true, false, false], 0],
    [[1, 1, 1, 1], [true, false, true, false], 0.5],
    [[1, 2, 2, 3], [false, false, true, true], 0.875],
  ])('of %j with %j is %d', (scores, synthetic, area) => {
    expect(auc(scores, synthetic)).toBe(area);
  });
});
