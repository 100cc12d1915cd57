import type { LineProcess } from './line-process.ts';
import { startLineProcess } from './line-process.ts';
import { useOf, watchPeak } from '../process-use.ts';
import type { Side } from './sides.ts';
import type { SiteHits } from './site.ts';

export interface Site {
  process: LineProcess;
  /** Of its first page. */
  url: string;
  pages: number;
}

/** What one crawl of the whole site took, start-up left out. */
export interface Crawl {
  /** A minute of one core. */
  pagesPerMinute: number;
  peakBytes: number;
  seconds: number;
  /** Characters of text over all pages; null where the side reports none. */
  textLength: number | null;
}

/**
 * One crawl by one side: its CPU is that of its process, of what that started and of its servers, from the word to go until it says that it is done.
 * Throws unless each page was fetched once.
 */
export async function measureCrawl(side: Side, site: Site, dir: string): Promise<Crawl> {
  const { command, servers, stop } = await side.start(site.url, dir);
  const running = startLineProcess(command);
  const roots = [running.pid, ...servers];
  const endWatch = watchPeak(roots);
  try {
    await running.next();
    await hitsOf(site);
    const startedAt = performance.now();
    const before = useOf(roots).cpuSeconds;
    running.tell('go');
    const found = JSON.parse(await running.next()) as { pages: number; textLength?: number };
    const cpuSeconds = useOf(roots).cpuSeconds - before;
    const seconds = (performance.now() - startedAt) / 1000;
    assertComplete(side, site, found.pages, await hitsOf(site));
    return {
      pagesPerMinute: (60 * site.pages) / cpuSeconds,
      peakBytes: endWatch(),
      seconds,
      textLength: found.textLength ?? null,
    };
  } finally {
    endWatch();
    await running.close();
    await stop();
  }
}

/** What was asked of the site since the last time. */
async function hitsOf({ process }: Site): Promise<SiteHits> {
  process.tell('hits');
  return JSON.parse(await process.next()) as SiteHits;
}

function assertComplete(side: Side, site: Site, found: number, hits: SiteHits): void {
  const { '/robots.txt': robots = 0, ...others } = hits.others;
  const isComplete = found === site.pages && hits.pages === site.pages && hits.again === 0;
  if (!isComplete || robots === 0 || Object.keys(others).length > 0) {
    throw new Error(
      `${side.title} found ${found} of ${site.pages} pages; the site was asked ${JSON.stringify(hits)}; each page must be fetched once, after ` +
        `robots.txt, and nothing else`,
    );
  }
}
