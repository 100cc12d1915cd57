import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataRecord } from '../../../src/core/record.ts';
import { createHackerNewsSource } from '../../../src/scrapers/hackernews/hackernews-source.ts';
import type { SourcePage } from '../../../src/scrapers/source.ts';
import { startHackerNewsServer } from '../../support/hackernews-server.ts';

let server: Awaited<ReturnType<typeof startHackerNewsServer>>;
beforeAll(async () => {
  server = await startHackerNewsServer();
});
afterAll(() => server.close());

describe('the stand-in for Hacker News', () => {
  it('answers as Firebase does', async () => {
    expect(await json('/v0/maxitem.json?print=pretty')).toBe(113);
    expect(await json('/v0/topstories.json')).toEqual([101, 109, 111, 107, 110]);
    expect(await json('/v0/newstories.json')).toEqual([111, 109, 107, 101]);
    expect(await json('/v0/askstories.json')).toEqual([107]);
    expect(await json('/v0/showstories.json')).toEqual([109]);
    expect(await json('/v0/jobstories.json')).toEqual([110]);
    expect(await json('/v0/item/103.json')).toMatchObject({ deleted: true, id: 103, type: 'comment' });
    for (const unknown of ['item/999', 'item/x', 'user/nobody', 'nothing']) {
      const response = await fetch(`${server.url}/v0/${unknown}.json`);
      expect([response.status, await response.text()]).toEqual([200, 'null']);
    }
    expect(await json('/v0/user/mudlark.json')).toMatchObject({ id: 'mudlark', submitted: [109, 108, 102] });
  });

  it('answers as the search does', async () => {
    const search = (query: string): Promise<unknown> => json(`/api/v1/search_by_date?${query}`);
    expect(await search('query=tide&tags=story')).toMatchObject({
      ...{ nbHits: 1, nbPages: 1, page: 0, hitsPerPage: 20 },
      hits: [{ objectID: '101', _tags: ['story', 'author_ferry_pilot', 'story_101'], story_id: 101, points: 57 }],
    });
    expect(await search('tags=(story,poll),author_harbour')).toMatchObject({
      hits: [{ objectID: '111' }, { objectID: '107' }],
    });
    expect(await search('tags=story&numericFilters=points>12,created_at_i<1700001800')).toMatchObject({ nbHits: 1 });
    expect(await json('/api/v1/items/102')).toMatchObject({ story_id: 101, children: [{ id: 104, children: [] }] });
    expect((await fetch(`${server.url}/api/v1/items/999`)).status).toBe(404);
  });

  it('is walked from lists to every comment by the links of the source', async () => {
    const rows = await walk(['topstories'], []);
    expect([...rows.keys()].sort()).toEqual(ids(101, 102, 104, 105, 107, 108, 109, 110, 111, 112, 113));
    expect(rows.get('hackernews:102')?.text).toBe("I've printed these for years.\n\nThe paper ones outlast every app.");
    expect(new Set(server.requests).size).toBeGreaterThan(11);
  });

  it('is climbed from a comment to its story', async () => {
    expect([...(await walk(['item/104'], [])).keys()]).toContain('hackernews:101');
  });

  it('is searched page after page, and shows what was found as it was found', async () => {
    const found = await walk([], [''], (url) => url.replace('hitsPerPage=100', 'hitsPerPage=3'));
    expect([...found.keys()].sort()).toEqual(ids(101, 102, 104, 105, 107, 108, 109, 110, 111));
    expect(found.get('hackernews:104')?.conversation_id).toBe('hackernews:101');
    const source = sourceOf();
    for (const row of found.values()) {
      const [again] = (await visit(source.addressOf(row))).records;
      const held = (record: DataRecord) =>
        Object.entries(record).filter(([name]) => !source.mayChange.has(name as keyof DataRecord));
      expect(held(again!)).toEqual(held(row));
    }
  });
});

/** Every row that the links of the source lead to. */
async function walk(
  seeds: string[],
  queries: string[],
  change = (url: string) => url,
): Promise<Map<string, DataRecord>> {
  const waiting = sourceOf().starts({ seeds, queries }).map(change);
  const rows = new Map<string, DataRecord>();
  const gone = new Set<string>();
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    if (gone.has(url)) continue;
    gone.add(url);
    const { records, links } = await visit(url);
    for (const record of records) rows.set(record.id, record);
    waiting.push(...links);
  }
  return rows;
}

async function visit(url: string): Promise<SourcePage> {
  const response = await fetch(url);
  const headers = Object.fromEntries(response.headers);
  const body = new Uint8Array(await response.arrayBuffer());
  return sourceOf().read({ requestedUrl: url, url, status: response.status, headers, body, redirects: [] }, 1, false);
}

function sourceOf() {
  return createHackerNewsSource({ firebase: server.url, search: server.url });
}

async function json(path: string): Promise<unknown> {
  return (await fetch(server.url + path)).json();
}

function ids(...numbers: number[]): string[] {
  return numbers.map((number) => `hackernews:${number}`);
}
