import type { CrawlJob } from '../../core/crawl-job.ts';
import type { Politeness } from '../politeness.ts';

/** How the job's own wishes add to the operator's: a longer Crawl-delay of the site's wins over the job's delay. */
export function jobPoliteness(politeness: Politeness, job: Pick<CrawlJob, 'politeness'>): Politeness {
  const { delay_ms } = job.politeness;
  if (delay_ms === null) return politeness;
  return { ...politeness, delayMs: (rules) => Math.max(rules.delayMs ?? 0, delay_ms) };
}
