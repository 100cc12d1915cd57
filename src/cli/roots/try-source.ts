import type { CrawlJob } from '../../core/crawl-job.ts';
import type { DataRecord } from '../../core/record.ts';
import { createGuardedFetch } from '../../net/guarded-fetch.ts';
import type { NetworkOptions } from '../../net/guarded-fetch.ts';
import { openPageReader } from '../../scrapers/page-reader.ts';
import { reachOf } from '../../scrapers/reach.ts';
import { createSources } from '../../scrapers/sources.ts';
import type { SourceOrigins } from '../../scrapers/sources.ts';
import type { Visit, VisitDeps } from '../../scrapers/visit.ts';
import { visitWithin } from '../../scrapers/visit-within.ts';
import { createLocalPoliteness } from './local-politeness.ts';

export interface TryOptions {
  /** Fetched at most. */
  pages: number;
  network: NetworkOptions;
  /** Where sources with an API are asked. */
  origins: SourceOrigins;
  /** Where neither the job nor robots.txt asks for a pause. */
  crawlDelayMs: number;
  onPage: (done: number) => void;
}

export interface Tried {
  rows: DataRecord[];
  /** Pages that gave no row, and why. */
  refused: { url: string; reason: string }[];
  pages: number;
  /** Links found that were not gone to. */
  left: number;
}

/** Fetches a job's first pages as its miner would, by the guarded client and robots.txt, and keeps nothing. No browser is used. */
export async function trySource(job: CrawlJob, options: TryOptions): Promise<Tried> {
  const { network, origins, crawlDelayMs } = options;
  const fetch = createGuardedFetch({ ...network, allowPrivate: job.allow_private });
  const reader = openPageReader({ origins, threads: 1 });
  const deps: VisitDeps = {
    source: createSources(origins)[job.source],
    ...{ fetch, reader, browser: null, now: () => Date.now() * 1000 },
    politeness: createLocalPoliteness(job.politeness.delay_ms ?? crawlDelayMs),
  };
  try {
    return await goAround(deps, job, options);
  } finally {
    await Promise.all([reader.close(), fetch.close()]);
  }
}

/** Breadth first, as the frontier goes, one page at a time. */
async function goAround(deps: VisitDeps, job: CrawlJob, options: TryOptions): Promise<Tried> {
  const reach = reachOf(deps.source, job);
  const starts = deps.source.starts(job);
  const waiting = starts.map((url) => ({ url, depth: 0 }));
  const seen = new Set(starts);
  const tried: Tried = { rows: [], refused: [], pages: 0, left: 0 };
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { url, depth } = next;
    if (tried.pages >= options.pages) {
      waiting.unshift(next);
      break;
    }
    tried.pages += 1;
    const visited = await visitWithin(
      deps,
      url,
      { byBrowser: false, mayFollow: reach.mayFetch },
      { pauseMs: PAUSE_MS },
    );
    options.onPage(tried.pages);
    if (visited.outcome !== 'page') {
      tried.refused.push({ url, reason: whyNoPage(visited) });
      continue;
    }
    const { page } = visited;
    const rows = page.records.filter((row) => reach.isWanted(row.url));
    if (page.needsBrowser) tried.refused.push({ url, reason: 'needs_browser' });
    else if (rows.length === 0) tried.refused.push({ url, reason: whyNoRow(page.records.length, page.links.length) });
    else tried.rows.push(...rows);
    const links = depth < job.limits.depth ? [...page.links, ...page.feeds] : [];
    for (const link of links) {
      if (seen.has(link) || !reach.mayFetch(link)) continue;
      seen.add(link);
      waiting.push({ url: link, depth: depth + 1 });
    }
  }
  return { ...tried, left: waiting.length };
}

function whyNoRow(records: number, links: number): string {
  if (records > 0) return 'rows_of_other_hosts';
  return links > 0 ? 'links_only' : 'no_text';
}

function whyNoPage(visited: Exclude<Visit, { outcome: 'page' }>): string {
  if (visited.outcome === 'gone') return `status_${visited.status}`;
  return visited.outcome === 'unchanged' ? 'status_304' : visited.reason;
}

/** Somebody is looking on. */
const PAUSE_MS = 30_000;
