import type { ScrapeProgress } from '../../../workflows/scrape-progress.ts';
import type { Output } from '../output.ts';

/** A step of a run, for the progress line. */
export function showProgress(out: Output, job: string, progress: ScrapeProgress): void {
  const { state, pages, of, rendered } = progress;
  if (state === 'rendering') out.progress({ step: `${job}: rendering`, done: rendered, unit: 'pages' });
  else if (state === 'crawling' || state === 'paused') {
    out.progress({ step: `${job}: ${state}`, done: pages, total: of, unit: 'pages' });
  } else out.progress({ step: `${job}: ${state}` });
}

/** How far a run is, or what came of it. */
export function tellProgress(out: Output, job: string, progress: ScrapeProgress): void {
  const { state, sinceMs, pages, of, rendered, records, sealed, duplicates, queued, hostsWaiting } = progress;
  out.table({
    columns: [
      'job',
      'state',
      'since',
      'pages',
      'of',
      'rendered',
      'records',
      'sealed',
      'duplicates',
      'queued',
      'hosts waiting',
    ],
    rows: [
      [
        { text: job, tone: 'strong' },
        progress.draining && state !== 'done' ? `${state}, draining` : state,
        `${new Date(sinceMs).toISOString().slice(0, 19)}Z`,
        ...[pages, of, rendered, records, sealed, duplicates, queued, hostsWaiting],
      ],
    ],
  });
  const reasons = Object.entries(progress.failed).sort(([, a], [, b]) => b - a);
  if (reasons.length > 0) out.table({ title: 'Given up', columns: ['reason', 'URLs'], rows: reasons });
  if (progress.manifest !== null) out.line(`manifest ${progress.manifest}`);
}
