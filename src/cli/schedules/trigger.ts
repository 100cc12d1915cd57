import type { Session } from '../session.ts';
import { showProgress, tellProgress } from './crawl-text.ts';
import { withSchedules } from './with-schedules.ts';

/** Starts a run now; with `wait`, shows how it gets on until it ends. */
export async function triggerSchedule(
  session: Session,
  job: string,
  options: { wait?: boolean; dryRun?: boolean },
): Promise<void> {
  const { out } = session;
  await withSchedules(session, async ({ schedules, crawls }) => {
    if (options.dryRun === true) {
      const { running } = await schedules.show(job);
      out.line(running.length === 0 ? `Would start a run of ${job}.` : `A run of ${job} is under way already.`);
      out.json({ job, workflow_id: running[0]?.workflowId ?? null, started: false, result: null });
      return;
    }
    const { run, started } = await schedules.trigger(job);
    out.line(
      started ? `Started ${run.workflowId}.` : `${run.workflowId} is under way already; no other begins beside it.`,
    );
    let result = null;
    if (options.wait === true) {
      result = await crawls.follow(run, (progress) => showProgress(out, job, progress));
      tellProgress(out, job, result);
    }
    out.json({ job, workflow_id: run.workflowId, started, result });
  });
}
