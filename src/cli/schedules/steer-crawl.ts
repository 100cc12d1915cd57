import type { CrawlSignal } from '../../../temporal/job-schedules/crawl-control.ts';
import type { Session } from '../session.ts';
import { tellProgress } from './crawl-text.ts';
import { withSchedules } from './with-schedules.ts';

const SAID: Record<CrawlSignal, string> = {
  pause: 'begins no further batch until it is resumed',
  resume: 'goes on',
  drain: 'ends after the batches under way and seals what it has; the rest waits for the next run',
};

/** Tells a run that is under way something. */
export async function steerCrawl(
  session: Session,
  signal: CrawlSignal,
  job: string,
  options: { dryRun?: boolean },
): Promise<void> {
  const { out } = session;
  const done = options.dryRun !== true;
  const workflowId = await withSchedules(session, async ({ schedules, crawls }) => {
    if (done) return (await crawls.signal(job, signal)).workflowId;
    const [run] = (await schedules.show(job)).running;
    return run?.workflowId ?? null;
  });
  if (done) out.line(`${workflowId} ${SAID[signal]}.`);
  else out.line(workflowId === null ? `${job} is not being crawled now.` : `Would tell ${workflowId} to ${signal}.`);
  out.json({ job, workflow_id: workflowId, signal, done });
}

export async function showCrawl(session: Session, job: string): Promise<void> {
  const progress = await withSchedules(session, ({ crawls }) => crawls.progress(job));
  tellProgress(session.out, job, progress);
  session.out.json({ job, ...progress });
}
