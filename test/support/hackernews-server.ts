import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An item as Firebase serves it; members that an item does not have are left out. */
export interface HackerNewsItem {
  id: number;
  type: 'story' | 'comment' | 'job' | 'poll' | 'pollopt';
  by?: string;
  /** Unix time, seconds. */
  time: number;
  title?: string;
  text?: string;
  url?: string;
  score?: number;
  descendants?: number;
  parent?: number;
  poll?: number;
  kids?: number[];
  parts?: number[];
  deleted?: true;
  dead?: true;
}

/**
 * A stand-in for Hacker News, which no test can reach: it serves invented items over loopback by both public APIs, at the paths and with the members
 * that their documentation and clients know. Firebase (`/v0/…`): the six lists, `maxitem`, `updates`, `item`, `user`, `null` for what is unknown,
 * `print=pretty`. The search (`/api/v1/…`): `search`, `search_by_date`, `items`, `users`. It ranks nothing: both searches give the newest first,
 * and find whatever holds all words of a query.
 */
export async function startHackerNewsServer(items: readonly HackerNewsItem[] = inventedItems()): Promise<{
  /** Origin of both APIs. */
  url: string;
  /** Path and query of every request so far. */
  requests: string[];
  close: () => Promise<void>;
}> {
  const requests: string[] = [];
  const byId = new Map(items.map((item) => [item.id, item]));
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://stand-in');
    const answer = pathname.startsWith('/v0/')
      ? { status: 200, body: firebase(byId, pathname.slice('/v0/'.length)) }
      : pathname.startsWith('/api/v1/')
        ? algolia(byId, pathname.slice('/api/v1/'.length), searchParams)
        : NOT_FOUND;
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(answer.body, null, searchParams.get('print') === 'pretty' ? 2 : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Items = ReadonlyMap<number, HackerNewsItem>;

function firebase(items: Items, path: string): unknown {
  const [, kind, id] = /^(item|user)\/([^/]+)\.json$/.exec(path) ?? [];
  if (kind === 'item') return items.get(Number(id)) ?? null;
  const all = [...items.values()].sort((a, b) => b.id - a.id);
  const ids = all.map((item) => item.id);
  if (kind === 'user') return userOf(all, decodeURIComponent(id ?? ''));
  const shown = all.filter(({ type, deleted, dead }) => !(deleted ?? dead) && type !== 'comment' && type !== 'pollopt');
  const stories = shown.filter(({ type }) => type !== 'job');
  const idsOf = (list: HackerNewsItem[]): number[] => list.slice(0, 500).map((item) => item.id);
  const best = (list: HackerNewsItem[]): number[] => idsOf(list.toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0)));
  switch (path) {
    case 'topstories.json':
      return best(shown);
    case 'beststories.json':
      return best(stories);
    case 'newstories.json':
      return idsOf(stories);
    case 'askstories.json':
      return idsOf(stories.filter(({ title }) => title?.startsWith('Ask HN')));
    case 'showstories.json':
      return idsOf(stories.filter(({ title }) => title?.startsWith('Show HN')));
    case 'jobstories.json':
      return idsOf(shown.filter(({ type }) => type === 'job'));
    case 'maxitem.json':
      return ids[0] ?? null;
    case 'updates.json':
      return { items: ids.slice(0, 100), profiles: [...new Set(all.flatMap(({ by }) => by ?? []))] };
    default:
      return null;
  }
}

function userOf(all: readonly HackerNewsItem[], name: string): object | null {
  const own = all.filter(({ by }) => by === name);
  const oldest = own.at(-1);
  if (oldest === undefined) return null;
  const karma = own.reduce((sum, { score = 0 }) => sum + score, 1);
  return { about: 'An invented person', created: oldest.time, id: name, karma, submitted: own.map(({ id }) => id) };
}

function algolia(items: Items, path: string, query: URLSearchParams): { status: number; body: unknown } {
  const [, kind, id] = /^(items|users)\/([^/]+)$/.exec(path) ?? [];
  const all = [...items.values()]
    .sort((a, b) => b.time - a.time || b.id - a.id)
    .filter(({ dead }) => dead === undefined);
  if (kind === 'items') {
    const item = items.get(Number(id));
    return item === undefined || item.dead ? NOT_FOUND : { status: 200, body: treeOf(items, item) };
  }
  if (kind === 'users') {
    const user = userOf(all, decodeURIComponent(id ?? '')) as { id: string; about: string; karma: number } | null;
    return user === null
      ? NOT_FOUND
      : { status: 200, body: { username: user.id, about: user.about, karma: user.karma } };
  }
  if (path !== 'search' && path !== 'search_by_date') return NOT_FOUND;
  const [words, tags, filters] = ['query', 'tags', 'numericFilters'].map((name) => query.get(name) ?? '');
  const found = all
    .filter(({ deleted }) => deleted === undefined)
    .map((item) => hitOf(items, item))
    .filter((hit) => hasWords(hit, words ?? '') && hasTags(hit._tags, tags ?? '') && passes(hit, filters ?? ''));
  const hitsPerPage = Math.min(Number(query.get('hitsPerPage') ?? 20), 1000);
  const page = Number(query.get('page') ?? 0);
  const hits = found.slice(0, 1000).slice(page * hitsPerPage, (page + 1) * hitsPerPage);
  const nbPages = Math.ceil(Math.min(found.length, 1000) / hitsPerPage);
  const params = query.toString();
  const counts = { nbHits: found.length, nbPages, page, hitsPerPage, exhaustiveNbHits: true, processingTimeMS: 1 };
  return { status: 200, body: { hits, ...counts, query: words, params } };
}

type Hit = ReturnType<typeof hitOf>;

function hitOf(items: Items, item: HackerNewsItem) {
  const { id, type, by = null, time, title = null, url, text, score = null, descendants = null, kids } = item;
  const story = rootOf(items, item);
  const isComment = type === 'comment';
  const asked = /^(Ask|Show) HN/.exec(title ?? '')?.[1]?.toLowerCase();
  return {
    _highlightResult: { author: { matchLevel: 'none', matchedWords: [], value: by } },
    _tags: [type as string, `author_${by}`, `story_${story.id}`, ...(asked === undefined ? [] : [`${asked}_hn`])],
    author: by,
    ...(kids === undefined ? {} : { children: kids }),
    ...(isComment ? { comment_text: text, parent_id: item.parent } : {}),
    created_at: new Date(time * 1000).toISOString().replace('.000', ''),
    created_at_i: time,
    num_comments: descendants,
    objectID: String(id),
    points: score,
    story_id: story.id,
    ...(isComment ? { story_title: story.title, story_url: story.url } : { title }),
    ...(!isComment && text !== undefined ? { story_text: text } : {}),
    updated_at: new Date(time * 1000 + 60_000).toISOString().replace('.000', ''),
    ...(url === undefined ? {} : { url }),
  };
}

function treeOf(items: Items, item: HackerNewsItem): object {
  const {
    id,
    type,
    by = null,
    time,
    title = null,
    url = null,
    text = null,
    score = null,
    kids = [],
    parts = [],
  } = item;
  const below = (ids: number[]): HackerNewsItem[] =>
    ids.map((kid) => items.get(kid)).filter((kid) => kid !== undefined);
  return {
    author: by,
    children: below(kids).map((kid) => treeOf(items, kid)),
    created_at: new Date(time * 1000).toISOString(),
    created_at_i: time,
    id,
    options: below(parts).map((part) => treeOf(items, part)),
    parent_id: item.parent ?? item.poll ?? null,
    points: score,
    story_id: rootOf(items, item).id,
    ...{ text, title, type, url },
  };
}

function rootOf(items: Items, item: HackerNewsItem): HackerNewsItem {
  const above = items.get(item.parent ?? item.poll ?? 0);
  return above === undefined ? item : rootOf(items, above);
}

function hasWords(
  { title, story_text, comment_text, author, url }: Hit & { title?: string | null },
  query: string,
): boolean {
  const text = [title, story_text, comment_text, author, url].join(' ').toLowerCase();
  const words = query.toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word));
}

/** `a,(b,c)`: a, and b or c. */
function hasTags(tags: readonly string[], wanted: string): boolean {
  const groups = wanted.match(/\([^)]*\)|[^,()]+/g) ?? [];
  return groups.every((group) =>
    group
      .replace(/[()]/g, '')
      .split(',')
      .some((tag) => tags.includes(tag.trim())),
  );
}

/** `points>10,created_at_i<=1700000000` */
function passes(hit: Hit, filters: string): boolean {
  return filters.split(',').every((filter) => {
    const [, name = '', operator, number] = /^\s*(\w+)\s*(<=|>=|=|<|>)\s*(-?\d+)\s*$/.exec(filter) ?? [];
    if (operator === undefined) return filter.trim() === '';
    const [value, bound] = [Number((hit as Record<string, unknown>)[name] ?? NaN), Number(number)];
    if (operator.includes('=') && value === bound) return true;
    return operator.startsWith('<') ? value < bound : operator.startsWith('>') && value > bound;
  });
}

const NOT_FOUND = { status: 404, body: { status: 404, error: 'Not Found' } };

/** Nobody's words: a story with a thread, an Ask, a Show, a job, a poll with its options, and items that are deleted and dead. */
export function inventedItems(): HackerNewsItem[] {
  const at = (minutes: number): number => 1_700_000_000 + minutes * 60;
  return [
    {
      ...{ id: 101, type: 'story', by: 'ferry_pilot', time: at(0), score: 57, descendants: 4, kids: [102, 103, 106] },
      ...{ title: 'Tide tables as a public good', url: 'https://tides.example.org/tables?year=2023' },
    },
    {
      ...{ id: 102, type: 'comment', by: 'mudlark', parent: 101, time: at(5), kids: [104] },
      text: 'I&#x27;ve printed these for years.<p>The <i>paper</i> ones outlast every app.',
    },
    { id: 103, type: 'comment', parent: 101, time: at(6), deleted: true, kids: [105] },
    { id: 104, type: 'comment', by: 'ferry_pilot', parent: 102, time: at(9), text: 'Same here &amp; laminated.' },
    { id: 105, type: 'comment', by: 'harbour', parent: 103, time: at(12), text: 'What did the deleted one say?' },
    { id: 106, type: 'comment', by: 'spam4u', parent: 101, time: at(13), text: 'Cheap tides', dead: true },
    {
      ...{ id: 107, type: 'story', by: 'harbour', time: at(20), score: 12, descendants: 1, kids: [108] },
      ...{ title: 'Ask HN: How do you keep a logbook?', text: 'Paper or files?<p>I lose both.' },
    },
    { id: 108, type: 'comment', by: 'mudlark', parent: 107, time: at(25), text: 'Plain text, one file a day.' },
    {
      ...{ id: 109, type: 'story', by: 'mudlark', time: at(30), score: 33, descendants: 0 },
      ...{ title: 'Show HN: A sextant in 300 lines', url: 'https://sextant.example.net/' },
    },
    {
      ...{ id: 110, type: 'job', by: 'dredgeworks', time: at(40), score: 1 },
      ...{ title: 'Dredgeworks is hiring a hydrographer', url: 'https://dredgeworks.example.com/jobs' },
    },
    {
      ...{ id: 111, type: 'poll', by: 'harbour', time: at(50), score: 20, descendants: 0, parts: [112, 113] },
      ...{ title: 'Poll: Which knot first?', text: '' },
    },
    { id: 112, type: 'pollopt', by: 'harbour', poll: 111, time: at(50), score: 14, text: 'Bowline' },
    { id: 113, type: 'pollopt', by: 'harbour', poll: 111, time: at(50), score: 6, text: 'Clove hitch' },
  ];
}
