import { Context } from '@temporalio/activity';
import type { Signer } from '../src/core/chain.ts';
import type { WantedJob } from '../src/core/wanted.ts';
import { createGuardedFetch } from '../src/net/guarded-fetch.ts';
import { openBrowserPool } from '../src/scrapers/browser/pool.ts';
import type { BrowserPool } from '../src/scrapers/browser/pool.ts';
import type { CrawlDeps } from '../src/scrapers/crawl.ts';
import { createFrontier } from '../src/scrapers/frontier/frontier.ts';
import { openPageReader } from '../src/scrapers/web/page-reader.ts';
import { createPoliteness } from '../src/scrapers/politeness.ts';
import type { Operator } from './operator.ts';

export interface CrawlingOptions {
  userAgent: string;
  /** Pause between requests to a host whose robots.txt names none. */
  crawlDelayMs: number;
  browserPath: string;
  browserPages: number;
}

/** What an operator crawls and checks pages with, one set a job. */
export interface Crawling {
  of: (job: WantedJob) => CrawlDeps;
  /** What a page that no job names is looked at with: public addresses, and no browser. */
  ofNone: () => Omit<CrawlDeps, 'frontier'>;
  close(): Promise<void>;
}

export function createCrawling(operator: Operator, options: CrawlingOptions): Crawling {
  const browsers = new Map<string, BrowserPool>();
  const politeness = createPoliteness({
    redis: operator.state,
    hotkey: operator.signer.address,
    defaultDelayMs: options.crawlDelayMs,
  });
  const reader = openPageReader();
  const browserOf = (job: WantedJob): BrowserPool => {
    let pool = browsers.get(job.id);
    if (pool === undefined) {
      pool = openBrowserPool({
        executablePath: options.browserPath,
        pages: options.browserPages,
        allowHosts: job.hosts,
        allowPrivate: job.allow_private,
        userAgent: options.userAgent,
        log: operator.log,
      });
      browsers.set(job.id, pool);
    }
    return pool;
  };
  const having = (browser: BrowserPool | null, allowPrivate: readonly string[]): Omit<CrawlDeps, 'frontier'> => ({
    fetch: createGuardedFetch({ allowPrivate, userAgent: options.userAgent }),
    browser,
    politeness,
    reader,
    orderSeed: operator.signer.address,
    store: (bytes) => operator.store.put(bytes),
    now: nowUs,
    heartbeat,
    signal: Context.current().cancellationSignal,
  });
  return {
    of: (job) => ({
      ...having(browserOf(job), job.allow_private),
      frontier: createFrontier({ redis: operator.state, hotkey: operator.signer.address, crawl: job.id }),
    }),
    ofNone: () => having(null, []),
    async close() {
      await Promise.all([reader.close(), ...[...browsers.values()].map((pool) => pool.close())]);
    },
  };
}

/** Reports an activity's progress to Temporal. */
export function heartbeat(progress: unknown): void {
  Context.current().heartbeat(progress);
}

export function nowUs(): number {
  return Date.now() * 1000;
}

/** Names a signer's leases among those of its other workers. */
export function ownerName(signer: Signer): string {
  return `${signer.address.slice(0, 8)}-${process.pid}-${Date.now().toString(36)}`;
}
