import { createCopyActivities } from '../activities/copy.ts';
import { createPublishActivities } from '../activities/publish.ts';
import { createScrapeActivities } from '../activities/scrape.ts';
import { createSealActivities } from '../activities/seal.ts';
import { createOutbox } from '../src/commit/outbox.ts';
import type { Outbox } from '../src/commit/outbox.ts';
import type { ObjectStorage } from '../src/datasets/storage/object-storage.ts';
import { createHistory } from '../src/dedup/history.ts';
import { createFrontier } from '../src/scrapers/frontier/frontier.ts';
import { createCrawling, heartbeat, nowUs, ownerName } from './crawling.ts';
import type { CrawlingOptions } from './crawling.ts';
import { createHealth } from './health.ts';
import type { Operator } from './operator.ts';
import { scheduleWanted } from './job-schedules/wanted-schedules.ts';
import { createCrawlMetrics } from './metrics/crawl-metrics.ts';
import type { CrawlMetrics } from './metrics/crawl-metrics.ts';
import { scheduleCopy, scheduleHealth } from './schedules.ts';
import { createWorkers } from './worker.ts';
import type { Workers } from './worker.ts';

export interface MinerOptions extends CrawlingOptions {
  /** Pages to start from, besides a job's own seeds. */
  seeds: readonly string[];
  locator: string;
  /** What lies at the locator; null where it is empty. */
  storage: ObjectStorage | null;
  maxUnanchored: number;
  scheduleSeconds: number;
  scheduleRuns: number | null;
  batchPages: number;
  parallelBatches: number;
  fetchDeadlineBlocks: number;
  isAllowedPeer: (address: string) => boolean;
  /** Development networks only: copies others instead of scraping. */
  copier: boolean;
}

export interface Miner {
  outbox: Outbox;
  workers: Workers;
  metrics: CrawlMetrics;
  /** Creates the schedules that are missing; gives the ids of all. */
  schedule(): Promise<string[]>;
  close(): Promise<void>;
}

/** Puts a miner together. */
export async function createMiner(operator: Operator, options: MinerOptions): Promise<Miner> {
  const { signer, netuid, state, chain, store, scratch, client, wanted } = operator;
  const hotkey = signer.address;
  const outbox = createOutbox({ redis: state, hotkey });
  const crawling = createCrawling(operator, options);
  const metrics = createCrawlMetrics();
  const seal = { signer, netuid, outbox, store, scratch, now: nowUs };
  const scrape = createScrapeActivities({ crawl: crawling.of, owner: ownerName(signer), meter: metrics });
  const data = createSealActivities({
    ...seal,
    heartbeat,
    onSealed: metrics.sealed,
    storage: options.storage,
    history: createHistory({ redis: state, hotkey }),
    frontier: (crawl) => createFrontier({ redis: state, hotkey, crawl }),
  });
  const publish = createPublishActivities({
    chain,
    signer,
    netuid,
    locator: options.locator,
    maxUnanchored: options.maxUnanchored,
    outbox,
    store,
    storage: options.storage,
    heartbeat,
  });
  const { fetchDeadlineBlocks, isAllowedPeer } = options;
  const copy = createCopyActivities({
    ...seal,
    ...{ chain, fetchDeadlineBlocks, isAllowedPeer, heartbeat },
    job: wanted.jobs[0]?.id ?? '',
  });
  const workers = await createWorkers({
    connection: operator.connection,
    namespace: operator.temporal.namespace,
    hotkey,
    bundle: operator.bundle,
    activities: {
      http: scrape,
      browser: scrape,
      data: options.copier ? copy : data,
      chain: { ...publish, ...createHealth(operator, 'miner', outbox) },
    },
  });
  return {
    ...{ outbox, workers, metrics },
    async schedule() {
      if (options.copier)
        return [await scheduleCopy(client, { hotkey, netuid, everySeconds: options.scheduleSeconds })];
      const { scheduleSeconds: everySeconds, scheduleRuns: runs, seeds, batchPages } = options;
      const steps = { hotkey, netuid, seeds, everySeconds, runs, batchPages, parallel: options.parallelBatches };
      const { everyMinutes } = operator.alerts;
      return await Promise.all([
        ...wanted.jobs.map((job) => scheduleWanted(client, steps, job)),
        scheduleHealth(client, { hotkey, netuid, role: 'miner', everyMinutes }),
      ]);
    },
    close: () => crawling.close(),
  };
}
