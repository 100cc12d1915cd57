import { describe, expect, it } from 'vitest';
import { canonicalRow } from '../../../src/core/canonical-row.ts';
import { MAX_KEYS, newEntries, NOTHING_SEEN } from '../../../src/scrapers/new-entries.ts';
import { rssSource } from '../../../src/scrapers/rss/rss-source.ts';
import type { PageEntry } from '../../../src/scrapers/source.ts';

const URL = 'https://blog.example.org/feed.xml';
const NOW = 1_800_000_000_000_000;

const read = (body: string, more: { status?: number; headers?: Record<string, string> } = {}) =>
  rssSource.read(
    {
      requestedUrl: URL,
      url: URL,
      status: more.status ?? 200,
      headers: { 'content-type': 'application/rss+xml', ...more.headers },
      body: new TextEncoder().encode(body),
      redirects: [],
    },
    NOW,
    false,
  );

describe('rssSource', () => {
  const item = '<item><title>A</title><link>https://Blog.example.org/a#x</link><description>Text.</description></item>';
  const feed = `<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><atom:link rel="next" href="?page=2"/>${item}${item}
    <item><title>no link</title><guid isPermaLink="false">urn:x</guid></item></channel></rss>`;

  it('makes one row an entry that has a canonical form, and links further pages', () => {
    const page = read(feed, { headers: { 'last-modified': 'Tue, 07 May 2024 08:00:00 GMT' } });
    expect(page.links).toEqual([`${URL}?page=2`]);
    expect(page.feeds).toEqual(page.links);
    expect(page.entries).toEqual([
      { id: 'rss:https://blog.example.org/a', key: 'https://blog.example.org/a', publishedAt: null, updatedAt: null },
    ]);
    expect(page.lastModified).toBe(Date.UTC(2024, 4, 7, 8) * 1000);
    expect(page.records).toHaveLength(1);
    const [row] = page.records;
    expect(row).toMatchObject({
      id: 'rss:https://blog.example.org/a',
      source: 'rss',
      kind: 'article',
      created_at: null,
      text: 'Text.',
      fetch: { url: URL, status: 200, extractor: 'rss-1' },
      extra: `{"feed":"${URL}","guid":null}`,
    });
    expect(row === undefined ? '' : canonicalRow(row)).toContain('"id":"rss:https://blog.example.org/a"');
    expect(row === undefined ? '' : rssSource.addressOf(row)).toBe(URL);
    expect(rssSource.canonicalId({ url: 'https://blog.example.org/a' })).toBe(row?.id);
  });

  it('takes created_at from the published time only', () => {
    const entry = '<entry><title>A</title><link href="/a"/><updated>2024-05-07T08:00:00Z</updated></entry>';
    const page = read(`<feed xmlns="http://www.w3.org/2005/Atom">${entry}</feed>`);
    expect(page.records[0]).toMatchObject({ url: 'https://blog.example.org/a', created_at: null });
  });

  it('reads nothing from a refusal or from what is no feed', () => {
    expect(read(feed, { status: 429, headers: { 'retry-after': '3' } })).toMatchObject({
      records: [],
      retryAfterMs: 3000,
    });
    expect(read('<html><body>hi')).toMatchObject({ status: 200, records: [], links: [] });
  });

  it('starts at the seeds', () => {
    expect(rssSource.starts({ seeds: [URL, URL, 'ftp://x'], queries: [] })).toEqual([URL]);
  });
});

describe('newEntries', () => {
  const entry = (key: string, publishedAt: number | null, updatedAt: number | null = null): PageEntry => ({
    ...{ id: `rss:https://blog.example.org/${key}`, key, publishedAt, updatedAt },
  });

  it('tells what is new, published late or updated', () => {
    const before = newEntries(NOTHING_SEEN, [entry('a', 10), entry('b', 20), entry('a', 10)], NOW);
    expect(before.fresh.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(before.seen).toEqual({ newestAt: 20, keys: ['a', 'b'] });
    const after = newEntries(
      before.seen,
      [entry('late', 5), entry('a', 10, 30), entry('b', 20), entry('c', null)],
      NOW,
    );
    expect(after.fresh.map(({ key }) => key)).toEqual(['late', 'c']);
    expect(after.updated.map(({ key }) => key)).toEqual(['a']);
    expect(after.seen).toEqual({ newestAt: 30, keys: ['late', 'a', 'b', 'c'] });
    expect(newEntries(after.seen, [entry('a', 10, 30)], NOW)).toMatchObject({ fresh: [], updated: [] });
  });

  it('remembers a bounded number, and no time to come', () => {
    const many = Array.from({ length: MAX_KEYS + 5 }, (_, index) => entry(`${index}`, index));
    const { seen } = newEntries(NOTHING_SEEN, [...many, entry('future', NOW + 1)], NOW);
    expect(seen.keys).toHaveLength(MAX_KEYS);
    expect(seen.newestAt).toBe(MAX_KEYS + 4);
    const again = newEntries(seen, [entry(`${MAX_KEYS + 1}`, 3), entry('new', MAX_KEYS + 9)], NOW);
    expect(again.fresh.map(({ key }) => key)).toEqual(['new']);
  });

  it('remembers long guids by their digests, so that a feed of them takes no more room than another', () => {
    const long = (mark: string) => entry(`${mark}${'x'.repeat(2000)}`, 10);
    const { fresh, seen } = newEntries(NOTHING_SEEN, [long('a'), long('b')], 100);
    expect([fresh.length, JSON.stringify(seen).length < 200]).toEqual([2, true]);
    expect(newEntries(seen, [long('a'), long('c')], 100).fresh).toEqual([long('c')]);
  });
});
