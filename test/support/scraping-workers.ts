import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { createScrapeActivities } from '../../activities/scrape.ts';
import { createSealActivities } from '../../activities/seal.ts';
import { createOutbox } from '../../src/commit/outbox.ts';
import type { Outbox } from '../../src/commit/outbox.ts';
import type { Signer } from '../../src/core/chain.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import type { ObjectStore } from '../../src/datasets/storage.ts';
import { createHistory } from '../../src/dedup/history.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';
import { PUBLIC_ORIGINS } from '../../src/scrapers/sources.ts';
import { resolveChromium } from '../../stack/browser.ts';
import { workflowBundle } from '../../temporal/bundle.ts';
import { connectClient, connectWorkers } from '../../temporal/client.ts';
import { createCrawling, heartbeat, nowUs, ownerName } from '../../temporal/crawling.ts';
import { createCrawlMetrics } from '../../temporal/metrics/crawl-metrics.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { createWorkers } from '../../temporal/worker.ts';
import type { Workers } from '../../temporal/worker.ts';

export interface ScrapingOptions {
  /** Folder for objects, shards while they are written, and the workflow bundle. */
  dir: string;
  redisUrl: string;
  /** Address of Temporal. */
  temporal: string;
  signer: Signer;
}

export interface ScrapingWorkers extends Workers {
  client: Client;
  outbox: Outbox;
  store: ObjectStore;
  /** Closes what the workers work with, once they have stopped. */
  close(): Promise<void>;
}

/** A miner's workers that crawl and seal, as `temporal/miner.ts` puts them together, without a chain to publish on. */
export async function createScrapingWorkers(options: ScrapingOptions): Promise<ScrapingWorkers> {
  const { dir, signer } = options;
  const hotkey = signer.address;
  const access = { address: options.temporal, namespace: 'default', tls: false, apiKey: null };
  const [state, client, connection] = await Promise.all([
    connectRedis(options.redisUrl),
    connectClient(access),
    connectWorkers(access),
  ]);
  await ensureSearchAttributes(client, 'default');
  const store = createFileStore(join(dir, 'objects'));
  const outbox = createOutbox({ redis: state, hotkey });
  const crawling = createCrawling(
    { state, signer, store, log: () => undefined },
    {
      network: { userAgent: 'seine-test', proxy: null, http2: true },
      ...{ crawlDelayMs: 0, browserPath: resolveChromium(process.env), browserPages: 1, browserMaxMemoryMb: 1000 },
      origins: PUBLIC_ORIGINS,
    },
  );
  const scrape = createScrapeActivities({
    ...{ crawl: crawling.of, owner: ownerName(signer), meter: createCrawlMetrics() },
  });
  const seal = createSealActivities({
    ...{ signer, netuid: 1, store, storage: null, now: nowUs, heartbeat, outbox, scratch: dir },
    history: createHistory({ redis: state, hotkey }),
    frontier: (crawl) => createFrontier({ redis: state, hotkey, crawl }),
  });
  const workers = await createWorkers({
    ...{ connection, namespace: 'default', hotkey },
    bundle: await workflowBundle(dir),
    activities: { http: scrape, browser: scrape, data: seal },
  });
  return {
    ...workers,
    ...{ client, outbox, store },
    async close() {
      await crawling.close();
      await Promise.all([client.connection.close(), connection.close()]);
      state.disconnect();
    },
  };
}
