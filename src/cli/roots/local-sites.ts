import { join } from 'node:path';
import { startSite } from '../../../stack/site/site.ts';
import { hostOf } from '../../core/wanted.ts';
import type { WantedList } from '../../core/wanted.ts';
import type { Output } from '../output.ts';

const PAGES_A_RUN = 145;

/** What the small network scrapes. */
export interface Sites {
  wanted: WantedList;
  /** Start pages by miner: they overlap. */
  seeds: Record<string, string[]>;
  url: string;
  /** Lets time pass on the local site; null where a user's sites are scraped. */
  age: (() => Promise<string>) | null;
}

/** Opens the local site, or takes the sites that a user named. */
export async function openSites(
  options: { urls: readonly string[]; clone: string; out: Output },
  closers: (() => Promise<unknown>)[],
): Promise<Sites> {
  if (options.urls.length > 0) {
    const hosts = [...new Set(options.urls.map(hostOf))];
    // Whoever names a private address on the command line allows it by name.
    const wanted = wantedOf('sites', options.urls, hosts);
    return { wanted, seeds: {}, url: options.urls.join(' '), age: null };
  }
  const site = await startSite({
    root: join(options.clone, 'node_modules'),
    port: 0,
    log: (line) => options.out.line(`  ${line}`),
  });
  closers.push(() => site.close());
  options.out.line(`  site: ${site.pages} pages of the installed packages' documentation at ${site.url}`);
  return {
    wanted: wantedOf('docs', [site.url], [hostOf(site.url)]),
    seeds: { 'miner-1': [new URL('/pages/1', site.url).href], 'miner-2': [new URL('/pages/3', site.url).href] },
    url: site.url,
    age: async () => {
      const { edited, deleted, slowed } = await site.age('run');
      return `${edited.length} pages edited, ${deleted.length} deleted, ${slowed.length} slowed`;
    },
  };
}

function wantedOf(id: string, seeds: readonly string[], hosts: readonly string[]): WantedList {
  const job = { id, source: 'web' as const, seeds: [...seeds], hosts: [...hosts], allow_private: [...hosts] };
  return { version: 1, jobs: [{ ...job, max_pages: PAGES_A_RUN, pool: 'data', weight_ppm: 1_000_000 }] };
}
