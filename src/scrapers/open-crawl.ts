import type { CrawlJob } from '../core/crawl-job.ts';
import type { DataRecord } from '../core/record.ts';
import { writeSpool } from '../core/spool.ts';
import { hostOf } from '../core/wanted.ts';
import type { CrawlDeps } from './crawl.ts';
import type { ListMemory } from './list-memory.ts';
import { ListQueue, longestUnasked } from './list-queue.ts';
import { newEntries, NOTHING_SEEN } from './new-entries.ts';
import { ownOrder } from './own-order.ts';
import { jobPoliteness } from './politeness/job-politeness.ts';
import { reachOf } from './reach.ts';
import type { Reach } from './reach.ts';
import { HOST_WAITS, visitWithin } from './visit-within.ts';

export interface OpenCrawlDeps extends CrawlDeps {
  lists: ListMemory;
}

export interface OpenedCrawl {
  /** URLs that were new to the frontier. */
  added: number;
  /** Rows of lists that hold rows themselves: feeds and results of a search. */
  records: number;
}

/**
 * Puts a job's seeds, and what its sitemaps, feeds and searches list, into the frontier; rows that such a list holds itself wait as a batch to be
 * sealed. Running it again adds what is new since; a list that is as it was is not sent again by its server. What one run has no time for, the next
 * begins with.
 * @param mostMs for how long lists are begun to be read; what hosts put off for longer is left to the next run
 */
export async function openCrawl(all: OpenCrawlDeps, job: CrawlJob, mostMs = MOST_MS): Promise<OpenedCrawl> {
  const deps = { ...all, politeness: jobPoliteness(all.politeness, job) };
  const { frontier, source, heartbeat, lists } = deps;
  const startedAt = performance.now();
  const leftMs = (): number => mostMs - (performance.now() - startedAt);
  const reach = reachOf(source, job);
  const starts = source.starts(job).filter((url) => reach.mayFetch(url));
  const opened: OpenedCrawl = { added: 0, records: 0 };
  const isCrawled = source.offers.includes('crawl');
  const holdsRows = source.offers.includes('feed') || source.offers.includes('search');
  if (!holdsRows) {
    const seeds = ownOrder(starts, deps.orderSeed);
    opened.added += await frontier.add(seeds.map((url) => ({ url, depth: 0 })));
  }

  // Pages that are crawled are read here for the feeds they announce and for links that are new since the last run.
  const waiting = new ListQueue(lists);
  await waiting.add(holdsRows ? starts : await longestUnasked(lists, starts, MAX_PAGES_READ));
  if (!holdsRows) await waiting.add(await sitemapsOf(deps, { starts, reach, leftMs }));
  let read = 0;
  const leftAlone = new Set<string>();
  const mayRead = (): boolean => read < MAX_READ && leftMs() > 0;
  for (let list = waiting.next(); list !== undefined && mayRead(); list = waiting.next()) {
    const { url } = list;
    if (leftAlone.has(hostOf(url))) continue;
    const known = await lists.get(url);
    const patience = { pauseMs: leftMs(), turnMs: leftMs() };
    const visited = await visitWithin(deps, url, { byBrowser: false, mayFollow: reach.mayFetch, known }, patience);
    const isTooFar = visited.outcome === 'failed' && visited.reason === HOST_WAITS;
    if (isTooFar || (visited.outcome === 'failed' && visited.strikes > MAX_STRIKES)) leftAlone.add(visited.host);
    if (isTooFar) continue;
    read += 1;
    await lists.ask(url);
    if (visited.outcome === 'unchanged') await waiting.add(known?.feeds ?? [], list);
    // Whatever can't be read now is read at the next run.
    if (visited.outcome === 'page') {
      const { page, etag, lastModified } = visited;
      const { fresh, updated, seen } = newEntries(known?.seen ?? NOTHING_SEEN, page.entries, deps.now());
      const isFeed = page.entries.length > 0;
      const news = new Set([...fresh, ...updated].map(({ id }) => id));
      const rows = page.records.filter(({ id, url: place }) => reach.isWanted(place) && (!isFeed || news.has(id)));
      if (holdsRows) opened.records += await keepRows(deps, rows);
      // Older pages of a feed are worth a look only while the newer ones bring news.
      const feeds = isFeed && news.size === 0 ? [] : page.feeds.filter(reach.mayFetch);
      const links = page.links.filter((link) => reach.mayFetch(link) && !feeds.includes(link));
      if (isCrawled) opened.added += await frontier.add(depthOne(ownOrder(links, deps.orderSeed)));
      await waiting.add(feeds, list);
      await lists.keep(url, { etag, lastModified, feeds, seen });
    }
    heartbeat({ read, ...opened });
  }
  return opened;
}

async function sitemapsOf(
  { politeness, fetch }: OpenCrawlDeps,
  { starts, reach, leftMs }: { starts: readonly string[]; reach: Reach; leftMs: () => number },
): Promise<string[]> {
  const sitemaps = new Set<string>();
  for (const origin of new Set(starts.map((start) => new URL(start).origin))) {
    if (leftMs() <= 0) break;
    const rules = await politeness.rules(origin, fetch);
    if (!rules.isKnown) {
      await politeness.backOff(hostOf(origin), rules.retryAfterMs);
      continue;
    }
    for (const sitemap of rules.sitemaps.length > 0 ? rules.sitemaps : [`${origin}/sitemap.xml`]) sitemaps.add(sitemap);
  }
  return [...sitemaps].filter(reach.mayFetch);
}

/** Stores rows and names them as waiting, both before the list is remembered: cut off between, it is read again. */
async function keepRows({ frontier, store }: OpenCrawlDeps, rows: readonly DataRecord[]): Promise<number> {
  if (rows.length > 0) await frontier.addBatch(await store(writeSpool(rows)), rows.length);
  return rows.length;
}

const depthOne = (urls: readonly string[]) => urls.map((url) => ({ url, depth: 1 }));

const MAX_PAGES_READ = 50;
/** Seeds, sitemaps, feeds and pages of results of one run. */
const MAX_READ = 1000;
/** Well within what its activity may take: begun anew, it would wait for the same turns. */
const MOST_MS = 600_000;
/** Back-offs in a row after which a host's lists are left to the next run; its pages have more (see visit-leases.ts). */
const MAX_STRIKES = 3;
