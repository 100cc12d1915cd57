import type { CrawlSource } from './record.ts';

/** A job that pays: what to scrape, and what its rows weigh. */
export interface WantedJob {
  id: string;
  source: CrawlSource;
  /** Start pages. Sites are the hosts of `hosts`; other hosts are not followed. */
  seeds: string[];
  /** `host` or `host:port` that rows may come from. */
  hosts: string[];
  /** Hosts among them that may resolve to private or loopback addresses (DESIGN.md, rule 10). */
  allow_private: string[];
  /** Pages that one miner may fetch for this job in one scheduled run. */
  max_pages: number;
  /** What a source that searches is asked for; none for `web`, which starts at `seeds`. */
  queries?: string[] | undefined;
  /**
   * When its rows pay, by the time of the block that committed them: from `from` on, until just before `until`. ISO 8601 in UTC, a date
   * (`2026-07-01` is its first moment) or a time (`2026-07-01T12:00:00Z`); absent: always, for ever.
   */
  from?: string | undefined;
  until?: string | undefined;
  /** The part of the emission that pays for its rows. */
  pool: string;
  /** Parts per million of a row's pay: 1,000,000 is one whole row. */
  weight_ppm: number;
}

/** The list of wanted jobs, pinned by the SHA-256 of its canonical JSON in evidence. */
export interface WantedList {
  version: 1;
  jobs: WantedJob[];
}

/** How one validator would divide what a list's jobs weigh; signed by its hotkey (src/commit/signed-json.ts). */
export interface JobVote {
  version: 1;
  netuid: number;
  /** SS58 address. */
  validator: string;
  /** When it was signed, microseconds since 1970: of two votes of one validator the later stands. */
  at: number;
  /** By the id of the job; a job that is not named keeps its weight of the list. */
  weights: Record<string, number>;
}

/** The largest weight of a job, in ppm: 1,000 rows for one. */
export const MAX_JOB_WEIGHT_PPM = 1_000_000_000;

/** The host as `hosts` spells it: with the port where the URL names one. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

/** The first job that a row's URL falls under, whenever it is valid; null where there is none. */
export function jobOf(wanted: WantedList, row: WantedRow): WantedJob | null {
  return jobsOf(wanted, row)[0] ?? null;
}

/** Whether a job's rows pay at a moment. @param atUs microseconds since 1970 */
export function isValidAt({ from, until }: Pick<WantedJob, 'from' | 'until'>, atUs: number): boolean {
  return (from === undefined || momentUs(from) <= atUs) && (until === undefined || atUs < momentUs(until));
}

/**
 * The job that pays a row, or why none does.
 * @param committedAtUs time of the block that committed the row, microseconds since 1970
 */
export function payingJob(
  wanted: WantedList,
  row: WantedRow,
  committedAtUs: number,
): { job: WantedJob } | { job: null; reason: 'not_wanted' | 'job_not_valid_then' } {
  const jobs = jobsOf(wanted, row);
  const job = jobs.find((item) => isValidAt(item, committedAtUs));
  if (job !== undefined) return { job };
  return { job: null, reason: jobs.length === 0 ? 'not_wanted' : 'job_not_valid_then' };
}

/** A date or time of a job, in microseconds since 1970. */
export function momentUs(iso: string): number {
  return Date.parse(iso) * 1000;
}

/** What of a row says which job it falls under. */
type WantedRow = { source: string; url: string };

function jobsOf(wanted: WantedList, row: WantedRow): WantedJob[] {
  if (!URL.canParse(row.url)) return [];
  const host = hostOf(row.url);
  return wanted.jobs.filter((job) => job.source === row.source && job.hosts.includes(host));
}
