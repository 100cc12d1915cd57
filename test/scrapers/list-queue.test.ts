import { describe, expect, it } from 'vitest';
import { ListQueue, longestUnasked } from '../../src/scrapers/list-queue.ts';

/** Lists that were asked for at the given times. */
function memory(asked: Record<string, number> = {}) {
  return {
    asked,
    askedAtMs: (urls: readonly string[]) => Promise.resolve(urls.map((url) => asked[url] ?? null)),
  };
}

function drained(queue: ListQueue): string[] {
  const order: string[] = [];
  for (let list = queue.next(); list !== undefined; list = queue.next()) order.push(list.url);
  return order;
}

describe('the lists of a run', () => {
  it('are read in the order in which they were named, each once, where none was read before', async () => {
    const queue = new ListQueue(memory());
    await queue.add(['a', 'b', 'a']);
    await queue.add(['c', 'b']);
    expect(drained(queue)).toEqual(['a', 'b', 'c']);
    await queue.add(['a']);
    expect(queue.next()).toBeUndefined();
  });

  it('are all reached over several runs, however few of them one has time for', async () => {
    const lists = memory();
    const seeds = Array.from({ length: 10 }, (_, place) => `list ${place}`);
    for (let run = 0, now = 1; run < 4; run += 1) {
      const queue = new ListQueue(lists);
      await queue.add(seeds);
      for (let read = 0; read < 3; read += 1) lists.asked[queue.next()?.url ?? ''] = now++;
    }
    expect(Object.keys(lists.asked).sort()).toEqual(seeds);
  });

  it('without end keep no other from being read for more than a run', async () => {
    const lists = memory();
    const read: string[] = [];
    let chain = 0;
    for (let run = 0, now = 1; run < 6; run += 1) {
      const queue = new ListQueue(lists);
      await queue.add(['endless', 'one', 'two']);
      for (let count = 0; count < 4; count += 1) {
        const list = queue.next();
        if (list === undefined) break;
        read.push(list.url.startsWith('older') ? 'older' : list.url);
        lists.asked[list.url] = now++;
        if (list.url === 'endless' || list.url.startsWith('older')) await queue.add([`older ${chain++}`], list);
      }
    }
    for (const name of ['one', 'two']) {
      expect(read.filter((url) => url === name).length).toBeGreaterThanOrEqual(3);
    }
  });

  it('are chosen by the same order where only some are to be read', async () => {
    expect(await longestUnasked(memory({ a: 3, b: 2 }), ['a', 'b', 'c', 'd'], 3)).toEqual(['c', 'd', 'b']);
  });
});
