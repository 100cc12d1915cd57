import type { WantedJob } from '../core/wanted.ts';
import { hostOf } from '../core/wanted.ts';
import type { CrawlDeps } from './crawl.ts';
import { ownOrder } from './own-order.ts';
import { visit } from './visit.ts';
import type { VisitDeps } from './visit.ts';
import { canonicalizeUrl } from './web/canonical-url.ts';
import { createWebSource } from './web/web-source.ts';

/**
 * Puts a job's seeds, and what its sitemaps and feeds list, into the frontier; only URLs of the job's hosts. Running it again
 * adds what is new since.
 */
export async function openCrawl(deps: CrawlDeps, job: WantedJob): Promise<{ added: number; crawlDelayMs: number }> {
  const { frontier, fetch, politeness, heartbeat } = deps;
  const isWanted = (url: string): boolean => job.hosts.includes(hostOf(url));
  const seeds = job.seeds.map((seed) => canonicalizeUrl(seed)).filter((seed) => seed !== null);
  const wantedSeeds = seeds.filter(isWanted);
  let added = await frontier.add(wantedSeeds.map((url) => ({ url, depth: 0 })));

  const lists = new Set<string>();
  let crawlDelayMs = 0;
  for (const origin of new Set(wantedSeeds.map((seed) => new URL(seed).origin))) {
    const rules = await politeness.rules(origin, fetch);
    crawlDelayMs = Math.max(crawlDelayMs, politeness.delayMs(rules));
    const sitemaps = rules.sitemaps.length > 0 ? rules.sitemaps : [`${origin}/sitemap.xml`];
    for (const sitemap of sitemaps) lists.add(sitemap);
  }

  // Seeds are read here too, for the feeds they announce and for links that are new since the last run.
  const visiting: VisitDeps = { ...deps, source: createWebSource(deps) };
  const waiting = [...wantedSeeds.slice(0, MAX_SEEDS_READ), ...lists].filter(isWanted);
  const read = new Set<string>();
  for (let url = waiting.shift(); url !== undefined && read.size < MAX_READ; url = waiting.shift()) {
    if (read.has(url)) continue;
    read.add(url);
    const visited = await visit(visiting, url, false);
    // Whatever can't be read now is read at the next run; the seeds themselves wait in the frontier.
    if (visited.outcome !== 'page') continue;
    const links = ownOrder(visited.page.links.filter(isWanted), deps.orderSeed);
    added += await frontier.add(links.map((link) => ({ url: link, depth: 1 })));
    waiting.push(...visited.page.feeds.filter(isWanted));
    heartbeat({ read: read.size, added });
  }
  return { added, crawlDelayMs };
}

const MAX_SEEDS_READ = 50;
/** Seeds, sitemaps and feeds of one run. */
const MAX_READ = 200;
