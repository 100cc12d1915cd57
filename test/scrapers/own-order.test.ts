import { expect, it } from 'vitest';
import { ownOrder } from '../../src/scrapers/own-order.ts';

const urls = Array.from({ length: 200 }, (_, index) => `https://example.org/${index}`);

it('is the same for the same seed, whatever order the URLs come in', () => {
  expect(ownOrder(urls, 'a')).toEqual(ownOrder([...urls].reverse(), 'a'));
  expect([...ownOrder(urls, 'a')].sort()).toEqual([...urls].sort());
});

it('gives miners of one site different pages to begin with', () => {
  const first = new Set(ownOrder(urls, 'a').slice(0, 100));
  const shared = ownOrder(urls, 'b')
    .slice(0, 100)
    .filter((url) => first.has(url));
  expect(shared.length).toBeLessThan(70);
});
