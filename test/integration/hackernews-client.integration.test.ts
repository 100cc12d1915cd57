import { afterAll, beforeAll, expect, it } from 'vitest';
import { runJudge } from '../datasets/odd-readers.ts';
import { inventedItems, startHackerNewsServer } from '../support/hackernews-server.ts';

/* Whether our stand-in for Hacker News answers as those expect who wrote a client of the real one, and knew nothing of ours. */

interface Read {
  lists: Record<'top' | 'new' | 'best' | 'ask' | 'show' | 'job', number[]>;
  items: { id: number }[];
  tree: Thread;
  user: object;
  unknown: unknown[];
  max_item: number;
  updates: object;
}

interface Thread {
  id: number;
  replies: Thread[];
}

let server: Awaited<ReturnType<typeof startHackerNewsServer>>;
let read: Read;

beforeAll(async () => {
  server = await startHackerNewsServer();
  read = JSON.parse(await runJudge('read_hackernews.py', [`${server.url}/v0`, 'mudlark'])) as Read;
});

afterAll(() => server.close());

it('is read by a client of Hacker News: the lists', () => {
  expect(read.lists).toEqual({
    ...{ top: [101, 109, 111, 107, 110], new: [111, 109, 107, 101], best: [101, 109, 111, 107] },
    ...{ ask: [107], show: [109], job: [110] },
  });
  expect(read.max_item).toBe(113);
  const profiles = ['dredgeworks', 'ferry_pilot', 'harbour', 'mudlark', 'spam4u'];
  expect(read.updates).toEqual({
    items: [113, 112, 111, 110, 109, 108, 107, 106, 105, 104, 103, 102, 101],
    profiles: expect.toSatisfy((names: string[]) => names.toSorted().join() === profiles.join()) as string[],
  });
});

it('is read by a client of Hacker News: items of every kind, with all that they say', () => {
  // The client shows no deleted item, and so does not come to what is below it.
  const reached = inventedItems().filter(({ id }) => id !== 103 && id !== 105);
  expect(read.items.toSorted((a, b) => a.id - b.id)).toMatchObject(reached);
  expect(read.unknown).toEqual([null, null]);
});

it('is read by a client of Hacker News: a thread', () => {
  const idsOf = ({ id, replies }: Thread): unknown => [id, ...replies.map(idsOf)];
  expect(idsOf(read.tree)).toEqual([101, [102, [104]], [106]]);
});

it('is read by a client of Hacker News: a user', () => {
  const about = 'An invented person';
  expect(read.user).toEqual({
    ...{ id: 'mudlark', karma: 34, created: 1_700_000_300, about, submitted: [109, 108, 102] },
  });
});
