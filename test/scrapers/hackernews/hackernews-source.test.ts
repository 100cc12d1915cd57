import { describe, expect, it } from 'vitest';
import { canonicalRow } from '../../../src/core/canonical-row.ts';
import { SeineError } from '../../../src/core/errors.ts';
import { NO_METRICS } from '../../../src/core/record.ts';
import type { DataRecord } from '../../../src/core/record.ts';
import type { FetchedPage } from '../../../src/net/guarded-fetch.ts';
import { createHackerNewsSource } from '../../../src/scrapers/hackernews/hackernews-source.ts';
import { PUBLIC_ORIGINS } from '../../../src/scrapers/sources.ts';
import type { SourcePage } from '../../../src/scrapers/source.ts';

const FIREBASE = 'https://hacker-news.firebaseio.com/v0';
const SEARCH = 'https://hn.algolia.com/api/v1';
const STORY = {
  ...{ by: 'ferry_pilot', descendants: 2, id: 101, kids: [102, 103], score: 57, time: 1_700_000_000 },
  ...{ title: 'Tides &amp; the <video> tag', type: 'story', url: 'https://tides.example.org/?utm_source=hn' },
};

const source = createHackerNewsSource(PUBLIC_ORIGINS.hackernews);

describe('items of Firebase', () => {
  it('reads a story', () => {
    const page = item(STORY);
    expect(page.records).toEqual([
      {
        id: 'hackernews:101',
        source: 'hackernews',
        kind: 'post',
        url: 'https://news.ycombinator.com/item?id=101',
        author: 'ferry_pilot',
        created_at: 1_700_000_000_000_000,
        scraped_at: 5,
        lang: null,
        title: 'Tides & the <video> tag',
        text: null,
        tags: ['story'],
        parent_id: null,
        conversation_id: 'hackernews:101',
        metrics: { ...NO_METRICS, likes: 57, replies: 2 },
        media: [],
        fetch: {
          url: `${FIREBASE}/item/101.json`,
          status: 200,
          body_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          extractor: 'hackernews-1',
        },
        extra: '{"type":"story","url":"https://tides.example.org/?utm_source=hn"}',
      },
    ]);
    expect(page.links).toEqual([`${FIREBASE}/item/102.json`, `${FIREBASE}/item/103.json`]);
    expect(canonicalRow(page.records[0]!)).toContain('"id":"hackernews:101"');
  });

  it('reads an Ask with its text, and says its language', () => {
    const text =
      'Paper or files? I keep losing both of them at sea.<p>See <a href="https:&#x2F;&#x2F;example.org&#x2F;a&#x2F;logbook" rel="nofollow">https:&#x2F;&#x2F;example.org&#x2F;a&#x2F;lo...</a><p><pre><code>a\n  b\n</code></pre>';
    const { title, tags, lang, ...row } = only(
      item({ ...STORY, url: undefined, title: 'Ask HN: Which logbook?', text }),
    );
    expect({ title, tags, lang }).toEqual({ title: 'Ask HN: Which logbook?', tags: ['story', 'ask_hn'], lang: 'en' });
    expect(row.text).toBe(
      'Paper or files? I keep losing both of them at sea.\n\nSee https://example.org/a/logbook\n\na\n  b',
    );
    expect(row.extra).toBe('{"type":"story"}');
  });

  it('reads a comment, which leads to its parent', () => {
    const page = item({
      by: 'mudlark',
      id: 104,
      kids: [105],
      parent: 102,
      text: 'Same &amp; more',
      time: 1,
      type: 'comment',
    });
    expect(only(page)).toMatchObject({
      ...{ kind: 'comment', title: null, text: 'Same & more', tags: ['comment'], created_at: 1_000_000 },
      ...{ parent_id: 'hackernews:102', conversation_id: null, metrics: NO_METRICS },
    });
    expect(page.links).toEqual([`${FIREBASE}/item/102.json`, `${FIREBASE}/item/105.json`]);
  });

  it('reads a job, a poll and its options', () => {
    const job = { by: 'dredge', id: 1, score: 1, time: 1, title: 'Dredge is hiring', type: 'job', url: '' };
    expect(only(item(job))).toMatchObject({ kind: 'post', tags: ['job'], extra: '{"type":"job"}' });
    const poll = item({
      by: 'harbour',
      id: 2,
      parts: [3, 4],
      kids: [5],
      score: 9,
      time: 1,
      title: 'Knots?',
      type: 'poll',
    });
    expect(only(poll)).toMatchObject({ kind: 'post', tags: ['poll'] });
    expect(poll.links).toEqual([5, 3, 4].map((id) => `${FIREBASE}/item/${id}.json`));
    const option = only(item({ by: 'harbour', id: 3, poll: 2, score: 4, text: 'Bowline', time: 1, type: 'pollopt' }));
    expect(option).toMatchObject({ parent_id: 'hackernews:2', conversation_id: 'hackernews:2', text: 'Bowline' });
  });

  it('makes no row of what is deleted, dead, delayed or of an unknown type, but follows its comments', () => {
    const deleted = item({ deleted: true, id: 103, kids: [105], parent: 101, time: 1, type: 'comment' });
    expect(deleted).toMatchObject({ status: 200, records: [] });
    expect(deleted.links).toContain(`${FIREBASE}/item/105.json`);
    expect(item({ ...STORY, dead: true }).records).toEqual([]);
    expect(item({ ...STORY, type: 'banner' }).records).toEqual([]);
    expect(item({ by: 'a', id: 9, parent: 1, text: '[delayed]', time: 1, type: 'comment' }).records).toEqual([]);
  });

  it('takes null for a 404, and passes other statuses on', () => {
    expect(read(`${FIREBASE}/item/9.json`, 'null')).toMatchObject({ status: 404, records: [], links: [] });
    expect(read(`${FIREBASE}/user/nobody.json`, 'null').status).toBe(404);
    const refused = source.read(
      { ...pageOf(`${FIREBASE}/item/9.json`, 'x', 429), headers: { 'retry-after': '7' } },
      5,
      false,
    );
    expect(refused).toMatchObject({ status: 429, retryAfterMs: 7000, records: [] });
  });

  it('leaves out members of the wrong type', () => {
    const row = only(
      item({
        ...STORY,
        time: 'now',
        score: 1.5,
        descendants: -1,
        text: { a: 1 },
        url: 7,
        kids: ['102', 0, 2.5, null, 7, 7],
      }),
    );
    expect(row).toMatchObject({ created_at: null, text: null, metrics: NO_METRICS, extra: '{"type":"story"}' });
    expect(item({ ...STORY, kids: ['102', 0, 2.5, null, 7, 7] }).links).toEqual([`${FIREBASE}/item/7.json`]);
    expect(item({ ...STORY, by: ['x'] }).records).toEqual([]);
    expect(only(item({ ...STORY, time: 1e15, title: 'a\ud800b' }))).toMatchObject({
      created_at: null,
      title: 'a\ufffdb',
    });
  });
});

describe('lists', () => {
  it('lead to their items', () => {
    const links = [`${FIREBASE}/item/3.json`, `${FIREBASE}/item/1.json`];
    expect(read(`${FIREBASE}/topstories.json`, '[3,1,3,"2",-4]').links).toEqual(links);
    expect(read(`${FIREBASE}/updates.json`, '{"items":[3,1],"profiles":["a"]}').links).toEqual(links);
    expect(read(`${FIREBASE}/user/a.json?print=pretty`, '{"id":"a","submitted":[3,1]}').links).toEqual(links);
    expect(read(`${FIREBASE}/user/a.json`, '{"id":"a"}').links).toEqual([]);
  });

  it('begin at the newest item for `maxitem`, and go no lower than the first', () => {
    expect(read(`${FIREBASE}/maxitem.json`, '3').links.map((link) => link.slice(-6))).toEqual(
      ['3.json', '2.json', '1.json'].map((end) => end.slice(-6)),
    );
    expect(read(`${FIREBASE}/maxitem.json`, '90000').links).toHaveLength(500);
  });

  it('are bounded', () => {
    const ids = JSON.stringify(Array.from({ length: 30_000 }, (_, index) => index + 1));
    expect(read(`${FIREBASE}/newstories.json`, ids).links).toHaveLength(10_000);
  });
});

describe('the search', () => {
  const hit = {
    ...{ _tags: ['comment', 'author_mudlark', 'story_101'], author: 'mudlark', comment_text: 'Same &amp; <i>more</i>' },
    ...{
      created_at: '2023-11-14T22:13:20Z',
      created_at_i: 1_700_000_000,
      objectID: '104',
      parent_id: 102,
      story_id: 101,
    },
    ...{ points: null, num_comments: null, story_title: 'Tides', story_url: 'https://tides.example.org/' },
  };
  const first = `${SEARCH}/search_by_date?query=tides&page=0`;

  it('gives rows of its hits', () => {
    const story = {
      ...{ _tags: ['story', 'author_a', 'story_7', 'show_hn'], author: 'a', objectID: '7', story_id: 7, points: 3 },
      ...{
        created_at_i: 1,
        title: 'Show HN: A sextant',
        url: 'https://s.example/',
        num_comments: 0,
        story_text: 'Look',
      },
    };
    const { records } = results([hit, story, { ...story, objectID: 'x' }, { ...story, author: null }, 'junk', null]);
    expect(records.map(({ id }) => id)).toEqual(['hackernews:104', 'hackernews:7']);
    expect(records[0]).toMatchObject({
      ...{ kind: 'comment', title: null, text: 'Same & more', parent_id: 'hackernews:102' },
      ...{ conversation_id: 'hackernews:101', extra: '{"type":"comment"}', created_at: 1_700_000_000_000_000 },
    });
    expect(records[1]).toMatchObject({
      ...{ kind: 'post', title: 'Show HN: A sextant', text: 'Look', tags: ['story', 'show_hn'], parent_id: null },
      ...{ conversation_id: 'hackernews:7', metrics: { ...NO_METRICS, likes: 3, replies: 0 } },
    });
  });

  it('leads to the next page, as far as there is one', () => {
    const next = `${SEARCH}/search_by_date?query=tides&page=1`;
    expect(results([], 2)).toMatchObject({ links: [next], feeds: [next] });
    for (const pages of [1, 0, -1, '5', null]) expect(results([hit], pages).links).toEqual([]);
    expect(read(`${SEARCH}/search_by_date?query=tides&page=1`, '{"hits":[],"nbPages":2}').links).toEqual([]);
    expect(read(`${SEARCH}/search_by_date?query=tides&page=20000`, '{"hits":[],"nbPages":99999}').links).toEqual([]);
    expect(read(`${SEARCH}/search_by_date?page=zero`, '{"hits":[],"nbPages":9}').links).toEqual([]);
  });

  it('shows an item as its hit was, with the way to its answers', () => {
    const body = {
      author: 'mudlark',
      children: [{ id: 106, text: 'x' }, 'junk'],
      created_at_i: 1_700_000_000,
      id: 104,
      options: [],
    };
    const shown = {
      ...body,
      parent_id: 102,
      points: null,
      story_id: 101,
      text: hit.comment_text,
      title: null,
      type: 'comment',
      url: null,
    };
    const page = read(`${SEARCH}/items/104`, JSON.stringify(shown));
    const row = { ...only(page), fetch: results([hit]).records[0]?.fetch };
    expect(results([hit]).records[0]).toMatchObject(row);
    expect(page.links).toEqual([`${FIREBASE}/item/102.json`, `${FIREBASE}/item/106.json`]);
  });

  function results(hits: unknown[], nbPages: unknown = 1): SourcePage {
    return read(first, JSON.stringify({ hits, nbHits: hits.length, nbPages, page: 0, hitsPerPage: 20 }));
  }
});

describe('what is no answer', () => {
  it.each([
    ['malformed JSON', 'item/1.json', '{"id":1,'],
    ['a page of HTML', 'item/1.json', '<html>busy</html>'],
    ['nothing', 'topstories.json', ''],
    ['another item', 'item/1.json', JSON.stringify(STORY)],
    ['a list for an item', 'item/1.json', '[1]'],
    ['text for a list', 'topstories.json', '"1"'],
    ['a member of the wrong type', 'user/a.json', '{"submitted":"all"}'],
    ['brackets without end', 'item/1.json', '['.repeat(1_000_000)],
    ['a huge body', 'topstories.json', `[${' '.repeat(16_000_000)}]`],
  ])('%s is to be asked again', (_, path, body) => {
    expect(failureOf(() => read(`${FIREBASE}/${path}`, body))).toMatchObject({
      name: 'UnreadableAnswer',
      remedy: 'retry',
    });
  });

  it('nor is what a search or another host gives', () => {
    for (const [url, body] of [
      [`${SEARCH}/search_by_date?query=a`, '{"hits":{}}'],
      [`${SEARCH}/search_by_date?query=a`, '[]'],
      ['https://elsewhere.example/v0/item/101.json', JSON.stringify(STORY)],
    ] as const) {
      expect(failureOf(() => read(url, body)).name).toBe('UnreadableAnswer');
    }
  });

  it('bounds vast and deep texts', () => {
    expect(item({ ...STORY, text: 'a'.repeat(600_000) }).records[0]?.text).toBeNull();
    expect(item({ ...STORY, text: '<i>'.repeat(100_000) + 'deep' }).records[0]?.text).toBeNull();
    const tags = Array.from({ length: 20_000 }, (_, index) => `<i a${index}>`).join('');
    expect(item({ ...STORY, text: `${tags}${'<p>x'.repeat(50_000)}` }).records[0]?.text).toBeNull();
  });
});

describe('addresses', () => {
  it('starts at the lists that seeds name and the searches for queries', () => {
    const seeds = ['topstories', 'maxitem', 'item/8', 'user/a_b-c', `${FIREBASE}/updates.json`, 'topstories'];
    expect(source.starts({ seeds, queries: ['tides & "knots"'] })).toEqual([
      ...['topstories', 'maxitem', 'item/8', 'user/a_b-c', 'updates'].map((name) => `${FIREBASE}/${name}.json`),
      `${SEARCH}/search_by_date?query=tides+%26+%22knots%22&tags=%28story%2Ccomment%2Cpoll%2Cjob%29&hitsPerPage=100&page=0`,
    ]);
    for (const seed of ['frontpage', 'item/0', 'user/../item/1', 'https://example.org/', '']) {
      expect(failureOf(() => source.starts({ seeds: [seed], queries: [] })).name).toBe('InvalidInput');
    }
  });

  it('shows a row at the API that it came from', () => {
    const row = only(item(STORY));
    expect(source.addressOf(row)).toBe(`${FIREBASE}/item/101.json`);
    const found = { ...row, fetch: { ...row.fetch, url: `${SEARCH}/search_by_date?query=tides` } };
    expect(source.addressOf(found)).toBe(`${SEARCH}/items/101`);
    for (const id of ['hackernews:0', 'hackernews:1/../2', 'web:1']) {
      expect(failureOf(() => source.addressOf({ ...row, id })).name).toBe('InvalidInput');
    }
  });

  it('knows the id of a URL', () => {
    expect(source.canonicalId({ url: 'https://news.ycombinator.com/item?id=101' })).toBe('hackernews:101');
    for (const end of ['?id=0101', '?id=101&p=2', '?id=101#102', '?id=-1']) {
      expect(source.canonicalId({ url: `https://news.ycombinator.com/item${end}` })).toBeNull();
    }
    expect(source.canonicalId({ url: 'http://news.ycombinator.com/item?id=101' })).toBeNull();
  });

  it('holds who, when and where to what they were', () => {
    for (const field of ['id', 'kind', 'url', 'author', 'created_at', 'parent_id', 'conversation_id'] as const) {
      expect(source.mayChange.has(field)).toBe(false);
    }
    for (const field of ['metrics', 'title', 'text'] as const) expect(source.mayChange.has(field)).toBe(true);
  });
});

function item(fields: { id: number; [name: string]: unknown }): SourcePage {
  return read(`${FIREBASE}/item/${fields.id}.json`, JSON.stringify(fields));
}

function read(url: string, body: string): SourcePage {
  return source.read(pageOf(url, body), 5, false);
}

function pageOf(url: string, body: string, status = 200): FetchedPage {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { requestedUrl: url, url, status, headers, body: new TextEncoder().encode(body), redirects: [] };
}

function only({ records }: SourcePage): DataRecord {
  expect(records).toHaveLength(1);
  return records[0]!;
}

function failureOf(action: () => unknown): SeineError {
  try {
    action();
  } catch (error) {
    if (error instanceof SeineError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
