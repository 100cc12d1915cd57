import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Admission } from './admission.ts';

/** What an inference server counts, for Prometheus. Tasks and outcomes are of a fixed set, callers are not shown. */
export interface ServerMetrics {
  contentType: string;
  read: () => Promise<string>;
  /** A request of a task (`none` where it came to none) is over. @param outcome `ok` or the code of a refusal */
  served: (task: string, outcome: string, seconds: number) => void;
}

const SECONDS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];

/** @param registry may be one that others count in too */
export function createServerMetrics(counts: Admission['counts'], registry: Registry = new Registry()): ServerMetrics {
  const registers = [registry];
  const requests = new Counter({
    ...{ name: 'seine_inference_requests_total', help: 'Requests by task and how they ended' },
    ...{ labelNames: ['task', 'outcome'] as const, registers },
  });
  const seconds = new Histogram({
    ...{ name: 'seine_inference_seconds', help: 'Time from a request to the end of its answer' },
    ...{ labelNames: ['task'] as const, buckets: SECONDS, registers },
  });
  new Gauge({
    ...{ name: 'seine_inference_queue', help: 'Requests that run or wait', labelNames: ['task', 'state'] as const },
    registers,
    collect() {
      this.reset();
      for (const { task, running, waiting } of counts()) {
        this.set({ task, state: 'running' }, running);
        this.set({ task, state: 'waiting' }, waiting);
      }
    },
  });
  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    served(task, outcome, took) {
      requests.inc({ task, outcome });
      if (outcome === 'ok') seconds.observe({ task }, took);
    },
  };
}
