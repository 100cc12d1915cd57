import { expect, it } from 'vitest';
import { createConcurrency, nextLimit } from '../../src/scrapers/crawl-concurrency.ts';

const idle = { limit: 16, isBusy: true, lagMs: 1, heapShare: 0.2 };

it('grows while the process keeps up and work waits, and shrinks when it is late or full', () => {
  expect(nextLimit(idle)).toBe(18);
  expect(nextLimit({ ...idle, isBusy: false })).toBe(16);
  expect(nextLimit({ ...idle, lagMs: 45 })).toBe(16);
  expect(nextLimit({ ...idle, lagMs: 100 })).toBe(12);
  expect(nextLimit({ ...idle, heapShare: 0.95 })).toBe(12);
});

it('stays within its bounds', () => {
  let limit = 16;
  for (let look = 0; look < 50; look += 1) limit = nextLimit({ ...idle, limit });
  expect(limit).toBe(64);
  for (let look = 0; look < 50; look += 1) limit = nextLimit({ ...idle, limit, lagMs: 500 });
  expect(limit).toBe(2);
});

it('lets every batch have one page under way, whatever the others have', () => {
  const concurrency = createConcurrency();
  let entered = 0;
  while (concurrency.enter(false)) entered += 1;
  expect([entered, concurrency.enter(true), concurrency.enter(false)]).toEqual([8, true, false]);
  concurrency.leave();
  expect(concurrency.enter(false)).toBe(false);
  concurrency.leave();
  expect(concurrency.enter(false)).toBe(true);
});
