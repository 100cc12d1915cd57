import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CrawlMeter } from '../../activities/scrape.ts';
import { boundedLabels, reasonLabel } from './labels.ts';

/** What one process of a miner counts, for Prometheus. */
export interface CrawlMetrics extends CrawlMeter {
  sealed: (job: string, rows: number, duplicates: number) => void;
  registry: Registry;
}

/** Series are kept for each job and reason; these are more than an operator has. */
const MOST_JOBS = 200;
const MOST_REASONS = 60;
/** A batch is seconds of work, minutes where hosts are slow. */
const BATCH_SECONDS = [0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320];

export function createCrawlMetrics(): CrawlMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const jobNames = boundedLabels(MOST_JOBS);
  const reasons = boundedLabels(MOST_REASONS);
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> =>
    new Gauge({ name, help, labelNames, registers });
  const batchLabels = ['job', 'source', 'queue'] as const;
  const pages = counter(
    'seine_crawl_pages_total',
    'URLs gone to; queue="browser" are those a browser showed',
    batchLabels,
  );
  const records = counter('seine_crawl_records_total', 'Rows that were read', batchLabels);
  const failures = counter('seine_crawl_failures_total', 'URLs given up', ['job', 'source', 'reason']);
  const batchSeconds = new Histogram({
    ...{ name: 'seine_crawl_batch_seconds', help: 'Time that a batch took', labelNames: batchLabels },
    ...{ buckets: BATCH_SECONDS, registers },
  });
  const frontier = gauge('seine_frontier_urls', 'URLs that wait, as last seen', ['job', 'queue', 'state']);
  const dead = gauge('seine_frontier_dead_letters', 'URLs given up that can be requeued, as last seen', ['job']);
  const sealedRows = counter('seine_sealed_rows_total', 'Rows sealed into manifests', ['job']);
  const duplicates = counter('seine_duplicate_rows_total', 'Rows that this miner had sealed before', ['job']);

  return {
    registry,

    batchDone({ id, source }, queue, batch, seconds) {
      const job = jobNames(id);
      const labels = { job, source, queue };
      pages.inc(labels, batch.pages);
      records.inc(labels, batch.records);
      batchSeconds.observe(labels, seconds);
      for (const [reason, count] of Object.entries(batch.failed)) {
        failures.inc({ job, source, reason: reasons(reasonLabel(reason)) }, count);
      }
    },

    frontierSeen({ id }, stats) {
      const job = jobNames(id);
      for (const queue of ['http', 'browser'] as const) {
        for (const state of ['ready', 'delayed', 'leased'] as const) {
          frontier.set({ job, queue, state }, stats.queues[queue][state]);
        }
      }
      dead.set({ job }, stats.dead);
    },

    sealed(id, rows, copies) {
      const job = jobNames(id);
      sealedRows.inc({ job }, rows);
      duplicates.inc({ job }, copies);
    },
  };
}
