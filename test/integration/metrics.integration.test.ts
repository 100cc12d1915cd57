import { afterEach, expect, it } from 'vitest';
import { connectWorkers } from '../../temporal/client.ts';
import { useStack } from '../support/stack.ts';
import { startMetricsServer } from '../../src/net/metrics-server.ts';
import type { MetricsServer } from '../../src/net/metrics-server.ts';
import { createCrawlMetrics } from '../../temporal/metrics/crawl-metrics.ts';
import { crawlJob } from '../support/crawl-job.ts';

let server: MetricsServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

it('serves what was counted in the text form of Prometheus', async () => {
  const metrics = createCrawlMetrics();
  const { registry } = metrics;
  const text = { contentType: registry.contentType, read: () => registry.metrics() };
  server = await startMetricsServer(text, { host: '127.0.0.1', port: 0 });
  const job = crawlJob('docs');
  const failed = { robots_disallowed: 2, status_418: 1, status_404: 3 };
  const batch = { pages: 25, records: 20, failed, batch: null, remaining: { http: 7, browser: 1 } };
  metrics.batchDone(job, 'http', batch, 1.5);
  metrics.batchDone(job, 'http', batch, 3);
  const queue = { ready: 7, delayed: 2, leased: 1, waitMs: 0 };
  const counts = { queued: 0, leased: 0, seen: 0, pages: 0, records: 0, failed: 0, reasons: {}, passed: {} };
  metrics.frontierSeen(job, {
    ...counts,
    hosts: { ready: 1, waiting: 0 },
    dead: 4,
    queues: { http: queue, browser: { ...queue, ready: 9 } },
  });
  metrics.sealed('docs', 18, 2);

  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'seine_crawl_pages_total{job="docs",source="web",queue="http"} 50',
      'seine_crawl_records_total{job="docs",source="web",queue="http"} 40',
      'seine_crawl_failures_total{job="docs",source="web",reason="robots_disallowed"} 4',
      'seine_crawl_failures_total{job="docs",source="web",reason="status_4xx"} 2',
      'seine_crawl_failures_total{job="docs",source="web",reason="status_404"} 6',
      'seine_crawl_batch_seconds_sum{job="docs",source="web",queue="http"} 4.5',
      'seine_frontier_urls{job="docs",queue="browser",state="ready"} 9',
      'seine_frontier_dead_letters{job="docs"} 4',
      'seine_sealed_rows_total{job="docs"} 18',
      'seine_duplicate_rows_total{job="docs"} 2',
    ]),
  );
  expect(lines.some((line) => line.startsWith('process_cpu_seconds_total '))).toBe(true);
  expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
});

it("serves the Temporal SDK's own on another port", async () => {
  const empty = { contentType: 'text/plain', read: () => Promise.resolve('') };
  const free = await startMetricsServer(empty, { host: '127.0.0.1', port: 0 });
  await free.close();
  const address = `127.0.0.1:${free.port}`;
  const access = { address: useStack().temporal, namespace: 'default', tls: false, apiKey: null };
  const connection = await connectWorkers(access, address);
  try {
    const read = async (): Promise<string> => await (await fetch(`http://${address}/metrics`)).text();
    await expect.poll(read).toContain('temporal_request');
  } finally {
    await connection.close();
  }
});
