import { load } from 'cheerio';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/core/record.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { crawlBatch } from '../../src/scrapers/crawl.ts';
import { openCrawl } from '../../src/scrapers/open-crawl.ts';
import { openPageReader } from '../../src/scrapers/page-reader.ts';
import { PUBLIC_ORIGINS } from '../../src/scrapers/sources.ts';
import { crawlRig, jobOf } from '../support/crawl-rig.ts';
import { rssSource } from '../../src/scrapers/rss/rss-source.ts';
import { generatedSites } from '../support/generated-sites.ts';
import type { GeneratedSite } from '../support/generated-sites.ts';
import { siteFindings } from '../support/site-findings.ts';
import { serveSite } from '../support/site-server.ts';
import type { SiteServer } from '../support/site-server.ts';
import { useStack } from '../support/stack.ts';

interface Served extends SiteServer, GeneratedSite {}

const reader = openPageReader({ origins: PUBLIC_ORIGINS });
let redis: Redis;
let docs: Served;
let blog: Served;

beforeAll(async () => {
  redis = await connectRedis(useStack().redisState);
  const sites = await generatedSites();
  docs = { ...sites.docs, ...(await serveSite(sites.docs.folder)) };
  blog = { ...sites.blog, ...(await serveSite(sites.blog.folder)) };
});

afterAll(async () => {
  docs.close();
  blog.close();
  await reader.close();
  redis.disconnect();
});

/** All rows of a crawl from the site's first page, and why pages were given up. */
async function crawlSite(site: Served): Promise<{ rows: DataRecord[]; failed: Record<string, number> }> {
  const rig = crawlRig(redis, jobOf({ seeds: [`${site.origin}/`], hosts: [site.host] }));
  const crawl = { ...rig, reader };
  const { job, stored } = rig;
  await openCrawl(crawl, job);
  const failed: Record<string, number> = {};
  for (let remaining = 1; remaining > 0;) {
    const result = await crawlBatch(crawl, { job, queue: 'http', pages: 100, owner: 'w' });
    for (const [reason, count] of Object.entries(result.failed)) failed[reason] = (failed[reason] ?? 0) + count;
    remaining = result.remaining.http;
  }
  const lines = (await crawl.frontier.pendingBatches()).flatMap((digest) => (stored.get(digest) ?? '').split('\n'));
  return { rows: lines.filter((line) => line !== '').map((line) => JSON.parse(line) as DataRecord), failed };
}

const pathsOf = (rows: readonly DataRecord[], { origin }: Served): string[] =>
  rows.map(({ url }) => decodeURI(url.slice(origin.length))).sort();

describe('a documentation by MkDocs', () => {
  it('is crawled page by page, with all of its text', async () => {
    const { rows, failed } = await crawlSite(docs);
    // Neither its sitemap nor any of its pages leads to these two.
    const linked = docs.pages.filter((path) => path !== '/404.html' && path !== '/search.html');
    expect(linked.length).toBeGreaterThan(70);
    expect(pathsOf(rows, docs)).toEqual(linked.sort());
    expect(siteFindings(rows, docs)).toEqual([]);
    expect(Object.keys(failed)).toEqual(['status_404']);
    expect(docs.requests.filter(({ path, status }) => path === '/sitemap.xml.gz' && status === 200)).toHaveLength(1);
    expect(docs.documents.flatMap(({ tableRows }) => tableRows).length).toBeGreaterThan(300);
    expect(docs.documents.flatMap(({ code }) => code).length).toBeGreaterThan(200);
  });
});

describe('a blog by Pelican', () => {
  it('is crawled post by post and list by list, with all of its text', async () => {
    const { rows } = await crawlSite(blog);
    expect(blog.documents.length).toBeGreaterThan(40);
    expect(pathsOf(rows, blog)).toEqual([...blog.pages].sort());
    expect(siteFindings(rows, blog)).toEqual([]);
  });

  it('has feeds in Atom and RSS with every post', async () => {
    const fetch = createGuardedFetch({ allowPrivate: [blog.host], userAgent: 'seine-test' });
    for (const feed of ['/feeds/all.atom.xml', '/feeds/all.rss.xml']) {
      const page = await fetch(blog.origin + feed);
      const { records } = rssSource.read(page, 1, false);
      const wanted = blog.documents.map(({ path, title, createdAt }) => ({ path, title, createdAt }));
      const found = records.map(({ url, title, created_at }) => ({
        path: url.slice(blog.origin.length),
        title,
        createdAt: created_at,
      }));
      const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
      expect(found.sort(byPath)).toEqual(wanted.sort(byPath));
    }
  });
});

describe('the comparison', () => {
  it.each([
    ['docs', () => docs],
    ['blog', () => blog],
  ])('looks for navigation that the pages of %s have', async (_, site) => {
    const { origin, navigation, documents } = site();
    const html = await (await fetch(origin + (documents[1]?.path ?? ''))).text();
    const shown = load(html).text().replace(/\s+/g, ' ');
    for (const words of navigation) expect(shown).toContain(words);
  });

  it('finds what a row lacks or has too much', async () => {
    const [document] = blog.documents.filter(({ code }) => code.length > 0);
    if (document === undefined) throw new Error('no post with code');
    const url = blog.origin + document.path;
    const page = await createGuardedFetch({ allowPrivate: [blog.host], userAgent: 'seine-test' })(url);
    const [row] = (await reader.read('web', page, 1, false)).records;
    if (row === undefined) throw new Error('no row');
    const only = { origin: blog.origin, documents: [document], navigation: blog.navigation };
    expect(siteFindings([row], only)).toEqual([]);
    const text = row.text ?? '';
    const half = text.length / 2;
    const broken: Partial<DataRecord>[] = [
      { text: text.slice(half) },
      { text: `${text.slice(half)} ${text.slice(0, half)}` },
      { text: text.replaceAll('\n', ' ') },
      { text: `${text} ${blog.navigation[0] ?? ''}` },
      { title: `${row.title ?? ''} - a blog` },
      { created_at: 0 },
      { author: null },
      { lang: 'de' },
    ];
    for (const change of broken)
      expect(siteFindings([{ ...row, ...change }], only), JSON.stringify(change).slice(0, 80)).not.toEqual([]);
    expect(siteFindings([], only)).toEqual([{ path: document.path, problem: 'no row' }]);
    expect(siteFindings([row, row], only)).toEqual([{ path: document.path, problem: '2 rows' }]);
  });
});
