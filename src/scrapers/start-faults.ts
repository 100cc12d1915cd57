import type { CrawlJob } from '../core/crawl-job.ts';
import { messageOf } from '../core/errors.ts';
import { createSources, PUBLIC_ORIGINS } from './sources.ts';

/** What is wrong with where a job starts, in words for its author. */
export interface StartFault {
  /** Where in the job: `['seeds', 2]`. */
  path: (string | number)[];
  message: string;
}

const SOURCES = createSources(PUBLIC_ORIGINS);

/** Everything that is wrong with a job's seeds and queries. */
export function startFaults({ source, seeds, queries }: Pick<CrawlJob, 'source' | 'seeds' | 'queries'>): StartFault[] {
  const asked = SOURCES[source];
  const faults: StartFault[] = seeds.flatMap((seed, index) => {
    const path = ['seeds', index];
    try {
      const isNone = asked.starts({ seeds: [seed], queries: [] }).length === 0;
      return isNone
        ? [{ path, message: `${source} starts at http(s) URLs, and this is none: ${seed.slice(0, 80)}` }]
        : [];
    } catch (error) {
      return [{ path, message: messageOf(error) }];
    }
  });
  if (queries.length > 0 && !asked.offers.includes('search')) {
    faults.push({ path: ['queries'], message: `${source} answers no queries: name seeds instead` });
  }
  return faults;
}
