import { getDomain } from 'tldts';
import type { DataRecord } from '../src/core/record.ts';
import { hostOf } from '../src/core/wanted.ts';
import type { WantedJob } from '../src/core/wanted.ts';
import type { PayableGroup } from '../src/scoring/caps.ts';

/** A site or author that a cap may hold for; `''` where none does. */
export type RowGroup = Omit<PayableGroup, 'payable_ppm'>;

/** Platforms are no site of anybody's: there a name is what one person holds. */
const PLATFORMS: ReadonlySet<string> = new Set(['x', 'reddit', 'bluesky', 'hackernews', 'youtube']);

/** Sites and authors that one miner's counts name; what falls under no name is each less than 1/1,000 of its rows, below any cap worth setting. */
const MOST_GROUPS = 1000;

/**
 * The site and author by which a row's pay is capped (DESIGN.md, rule 4). A host that the job names was chosen by the list's owner, and what is
 * published there with it: neither is capped. On platforms and federated instances an account costs nothing, so authors always are.
 */
export function groupOf(row: DataRecord, job: WantedJob): RowGroup {
  const platform = PLATFORMS.has(row.source);
  const named = job.hosts.includes(hostOf(row.url));
  const site = platform || named ? '' : siteOf(row.url);
  const held = platform || row.source === 'mastodon' || !named;
  const author = row.author === null || !held ? '' : `${platform ? row.source : siteOf(row.url)}/${row.author}`;
  return { site, author };
}

/** Payable sums by group, bounded in number: the largest authors and sites by name, and what is left of each under none. */
export function createGroupSums() {
  const sums = new Map<string, PayableGroup>();
  return {
    add(group: RowGroup, weightPpm: number): void {
      if (group.site === '' && group.author === '') return;
      addTo(sums, group, weightPpm);
    },
    /** In the order of site and author. */
    largest(most: number = MOST_GROUPS): PayableGroup[] {
      const named = { site: largestOf(sums.values(), 'site', most), author: largestOf(sums.values(), 'author', most) };
      const kept = new Map<string, PayableGroup>();
      for (const { site, author, payable_ppm } of sums.values()) {
        const group = { site: named.site.has(site) ? site : '', author: named.author.has(author) ? author : '' };
        if (group.site !== '' || group.author !== '') addTo(kept, group, payable_ppm);
      }
      return [...kept.values()].sort((a, b) => order(a.site, b.site) || order(a.author, b.author));
    },
  };
}

export type GroupSums = ReturnType<typeof createGroupSums>;

function addTo(sums: Map<string, PayableGroup>, { site, author }: RowGroup, weightPpm: number): void {
  const name = JSON.stringify([site, author]);
  sums.set(name, { site, author, payable_ppm: (sums.get(name)?.payable_ppm ?? 0) + weightPpm });
}

function largestOf(groups: Iterable<PayableGroup>, kind: 'site' | 'author', most: number): ReadonlySet<string> {
  const sums = new Map<string, number>();
  for (const group of groups) {
    if (group[kind] !== '') sums.set(group[kind], (sums.get(group[kind]) ?? 0) + group.payable_ppm);
  }
  const sorted = [...sums].sort(([a, left], [b, right]) => right - left || order(a, b));
  return new Set(sorted.slice(0, most).map(([name]) => name));
}

/** The registrable domain, so that subdomains are one site; of an address without one, the host. */
function siteOf(url: string): string {
  const { hostname } = new URL(url);
  return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
