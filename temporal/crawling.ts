import { Context } from '@temporalio/activity';
import type { Signer } from '../src/core/chain.ts';
import type { CrawlJob } from '../src/core/crawl-job.ts';
import { createRecent } from '../src/core/recent.ts';
import type { CrawlSource } from '../src/core/record.ts';
import { createGuardedFetch } from '../src/net/guarded-fetch.ts';
import type { GuardedClient, GuardedFetch, NetworkOptions } from '../src/net/guarded-fetch.ts';
import { openBrowserPool } from '../src/scrapers/browser/pool.ts';
import type { BrowserPool } from '../src/scrapers/browser/pool.ts';
import { openSharedBrowser } from '../src/scrapers/browser/shared-browser.ts';
import { createConcurrency } from '../src/scrapers/crawl-concurrency.ts';
import { createFrontier } from '../src/scrapers/frontier/frontier.ts';
import { createListMemory } from '../src/scrapers/list-memory.ts';
import type { OpenCrawlDeps } from '../src/scrapers/open-crawl.ts';
import { openPageReader } from '../src/scrapers/page-reader.ts';
import { createPoliteness } from '../src/scrapers/politeness.ts';
import { createSources } from '../src/scrapers/sources.ts';
import type { SourceOrigins } from '../src/scrapers/sources.ts';
import type { VisitDeps } from '../src/scrapers/visit.ts';
import type { Operator } from './operator.ts';

export interface CrawlingOptions {
  network: NetworkOptions;
  /** Pause between requests to a host whose robots.txt names none. */
  crawlDelayMs: number;
  browserPath: string;
  browserPages: number;
  browserMaxMemoryMb: number;
  /** Where sources with an API are asked. */
  origins: SourceOrigins;
}

/** What a job's pages are visited with. */
type JobHosts = Pick<CrawlJob, 'id' | 'source' | 'hosts' | 'allow_private'>;

/** What an operator crawls and checks pages with, one set a job. */
export interface Crawling {
  of: (job: JobHosts) => OpenCrawlDeps;
  /** What rows of a job are looked at again with. */
  visitsOf: (job: JobHosts) => VisitDeps;
  /** What a row that no job names is looked at with: public addresses, and no browser. */
  ofNone: (source: CrawlSource) => VisitDeps;
  close(): Promise<void>;
}

export function createCrawling(
  operator: Pick<Operator, 'state' | 'signer' | 'store' | 'log'>,
  options: CrawlingOptions,
): Crawling {
  const browser = openSharedBrowser({
    executablePath: options.browserPath,
    pages: options.browserPages,
    userAgent: options.network.userAgent,
    maxMemoryMb: options.browserMaxMemoryMb,
    log: operator.log,
  });
  const clients = new Map<string, GuardedClient>();
  const concurrency = createConcurrency();
  const politeness = createPoliteness({
    redis: operator.state,
    hotkey: operator.signer.address,
    defaultDelayMs: options.crawlDelayMs,
  });
  const sources = createSources(options.origins);
  const reader = openPageReader({ origins: options.origins });
  /** One client for all jobs that allow the same hosts by name: its connections outlive an activity. */
  const clientFor = (allowPrivate: readonly string[]): GuardedClient => {
    const key = allowPrivate.join(' ');
    const client = clients.get(key) ?? createGuardedFetch({ ...options.network, allowPrivate });
    clients.set(key, client);
    return client;
  };
  /** One a job: a frontier remembers URLs that it has told Redis of, and what is forgotten is told once more. */
  const crawlOf = createRecent(MAX_CRAWLS, (crawl) => {
    const place = { redis: operator.state, hotkey: operator.signer.address, crawl };
    return { frontier: createFrontier(place), lists: createListMemory(place) };
  });
  const visiting = (source: CrawlSource, fetch: GuardedFetch, pool: BrowserPool | null): VisitDeps => ({
    source: sources[source],
    ...{ fetch, browser: pool, politeness, reader, now: nowUs },
    signal: Context.current().cancellationSignal,
  });
  const visitsOf = (job: JobHosts): VisitDeps => {
    const fetch = clientFor(job.allow_private);
    return visiting(job.source, fetch, openBrowserPool({ browser, fetch, allowHosts: job.hosts }));
  };
  return {
    visitsOf,
    of(job) {
      return {
        ...visitsOf(job),
        ...crawlOf(job.id),
        concurrency,
        orderSeed: operator.signer.address,
        store: (bytes) => operator.store.put(bytes),
        heartbeat,
      };
    },
    ofNone: (source) => visiting(source, clientFor([]), null),
    async close() {
      await Promise.all([reader.close(), browser.close(), ...[...clients.values()].map((client) => client.close())]);
    },
  };
}

/** Jobs that a worker crawls in turns without forgetting what it told Redis of: some 10 MB each at most. */
const MAX_CRAWLS = 32;

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
