/** A job that pays: what to scrape, and what its rows weigh. */
export interface WantedJob {
  id: string;
  source: 'web';
  /** Start pages. Sites are the hosts of `hosts`; other hosts are not followed. */
  seeds: string[];
  /** `host` or `host:port` that rows may come from. */
  hosts: string[];
  /** Hosts among them that may resolve to private or loopback addresses (DESIGN.md, rule 10). */
  allow_private: string[];
  /** Pages that one miner may fetch for this job in one scheduled run. */
  max_pages: number;
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

/** The host as `hosts` spells it: with the port where the URL names one. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

/** The job that a row's URL falls under, or null. */
export function jobOf(wanted: WantedList, row: { source: string; url: string }): WantedJob | null {
  if (!URL.canParse(row.url)) return null;
  const host = hostOf(row.url);
  return wanted.jobs.find((job) => job.source === row.source && job.hosts.includes(host)) ?? null;
}
