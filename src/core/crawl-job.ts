import { InvalidInputError } from './errors.ts';
import type { CrawlSource } from './record.ts';
import type { WantedJob } from './wanted.ts';

/** What a miner scrapes: a wanted job, or a job file of its own. Plain JSON, so that it travels in a workflow's input. */
export interface CrawlJob {
  /** Lower-case letters, digits and hyphens; names the frontier. */
  id: string;
  source: CrawlSource;
  /** Where it starts, as the source spells it: URLs for `web` and `rss`. */
  seeds: string[];
  /** What a source that searches is asked for. */
  queries: string[];
  /** `host` or `host:port` that may be fetched from and that rows may come from. */
  hosts: string[];
  /** Those among them that may resolve to private or loopback addresses (DESIGN.md, rule 10). */
  allow_private: string[];
  limits: CrawlLimits;
  politeness: CrawlPoliteness;
  /** Free words of the operator's, shown where jobs are listed. */
  labels: Record<string, string>;
}

export interface CrawlLimits {
  /** Fetched in one run. */
  pages: number;
  /** Links from a seed. */
  depth: number;
}

export interface CrawlPoliteness {
  /** Pause between two requests to one host; a longer Crawl-delay of its robots.txt wins. Null: the operator's setting. */
  delay_ms: number | null;
  /** Requests to one host at a time, and to one registrable domain, by all workers of the hotkey together. */
  per_host: number;
  per_domain: number;
}

/** Farther from a seed lie calendars and mazes. */
export const DEFAULT_DEPTH = 50;
export const DEFAULT_PER_HOST = 8;
export const DEFAULT_PER_DOMAIN = 16;

/**
 * A job travels in the input of its workflow and of every step. Temporal takes up to 2 MB there; a history of hundreds of steps should stay
 * within the few MB after which it is continued as new.
 */
export const MAX_JOB_BYTES = 100_000;

/** @throws InvalidInputError for a job that is too large to travel in a workflow's input */
export function assertJobFits(job: CrawlJob): void {
  const sizeBytes = new TextEncoder().encode(JSON.stringify(job)).length;
  if (sizeBytes <= MAX_JOB_BYTES) return;
  throw new InvalidInputError(
    `job ${job.id} has ${sizeBytes} bytes, at most ${MAX_JOB_BYTES} fit: name fewer seeds and let links, sitemaps or feeds lead to the rest`,
    { job: job.id, sizeBytes },
  );
}

/** A wanted job as a miner crawls it, with seeds of its own besides the job's. */
export function crawlJobOf(wanted: WantedJob, ownSeeds: readonly string[] = []): CrawlJob {
  const { id, source, hosts, allow_private } = wanted;
  return {
    ...{ id, source, hosts, allow_private },
    seeds: [...new Set([...ownSeeds, ...wanted.seeds])],
    queries: wanted.queries ?? [],
    limits: { pages: wanted.max_pages, depth: DEFAULT_DEPTH },
    politeness: { delay_ms: null, per_host: DEFAULT_PER_HOST, per_domain: DEFAULT_PER_DOMAIN },
    labels: {},
  };
}
