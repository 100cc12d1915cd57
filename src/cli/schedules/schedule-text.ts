import type { JobScheduleView } from '../../../temporal/job-schedules/view.ts';
import { durationText } from '../../config/job-file/duration.ts';
import type { JobSchedule } from '../../core/job-schedule.ts';

/** When a job runs, in words. */
export function whenText({ every_seconds: every, cron, timezone, jitter_seconds: jitter }: JobSchedule): string {
  if (every === null && cron === null) return 'when triggered';
  const when = every === null ? `${cron} ${timezone}` : `every ${durationText(every)}`;
  return jitter === 0 ? when : `${when}, up to ${durationText(jitter)} later`;
}

/** What a schedule is doing, in a word or two. */
export function stateText({ paused, running, remaining }: JobScheduleView): string {
  return [paused ? 'paused' : '', running.length > 0 ? 'crawling' : '', remaining === 0 ? 'ended' : '']
    .filter((word) => word !== '')
    .join(', ');
}

/** As programs read it; times are ISO 8601. */
export function viewJson(view: JobScheduleView): Record<string, unknown> {
  const { last, next, running, ...rest } = view;
  const run = ({ workflowId, firstRunId }: { workflowId: string; firstRunId: string }) => ({
    workflow_id: workflowId,
    run_id: firstRunId,
  });
  return {
    ...rest,
    last: last === null ? null : { ...run(last), at: last.at.toISOString() },
    next: next?.toISOString() ?? null,
    running: running.map(run),
  };
}
