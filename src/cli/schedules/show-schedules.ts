import type { JobScheduleView } from '../../../temporal/job-schedules/view.ts';
import type { Session } from '../session.ts';
import { stateText, viewJson, whenText } from './schedule-text.ts';
import { withSchedules } from './with-schedules.ts';

export async function listSchedules(session: Session): Promise<void> {
  const { out } = session;
  const views = await withSchedules(session, ({ schedules }) => schedules.list());
  out.table({
    columns: ['job', 'source', 'when', 'state', 'runs', 'last', 'next', 'labels'],
    rows: views.map((view) => [
      { text: view.job.id, tone: 'strong' },
      view.job.source,
      whenText(view.schedule),
      { text: stateText(view), tone: view.paused ? 'warn' : 'plain' },
      view.taken,
      timeText(view.last?.at ?? null),
      view.paused ? '' : timeText(view.next),
      labelText(view),
    ]),
  });
  if (views.length === 0)
    out.line('Nothing is scheduled: "seine schedule create FILE" does it, "seine miner" the wanted jobs.');
  out.json(views.map(viewJson));
}

export async function showSchedule(session: Session, job: string): Promise<void> {
  const { out } = session;
  const view = await withSchedules(session, ({ schedules }) => schedules.show(job));
  const { limits, politeness } = view.job;
  const { from, until } = view.schedule;
  const rows: [string, string | number][] = [
    ['schedule', view.id],
    ['made of', view.origin === 'wanted' ? 'the list of wanted jobs' : 'a job file'],
    ['source', view.job.source],
    ['seeds', view.job.seeds.join(' ')],
    ['queries', view.job.queries.join(', ')],
    ['hosts', view.job.hosts.join(' ')],
    ['limits', `${limits.pages} pages a run, ${limits.depth} links from a seed`],
    [
      'politeness',
      `${politeness.delay_ms ?? 'default'} ms, ${politeness.per_host} a host, ${politeness.per_domain} a domain`,
    ],
    ['when', whenText(view.schedule)],
    ['dates', [from === null ? '' : `from ${from}`, until === null ? '' : `until ${until}`].join(' ').trim()],
    ['state', [stateText(view), view.note].filter((part) => part !== '').join(': ')],
    ['runs', `${view.taken}, ${view.skipped} passed over${view.remaining === null ? '' : `, ${view.remaining} left`}`],
    ['last run', view.last === null ? '' : `${timeText(view.last.at)} ${view.last.workflowId}`],
    ['next run', view.paused ? '' : timeText(view.next)],
    ['labels', labelText(view)],
  ];
  out.table({ title: job, columns: ['', ''], rows: rows.filter(([, value]) => value !== '') });
  out.json(viewJson(view));
}

function labelText({ job }: JobScheduleView): string {
  return Object.entries(job.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function timeText(time: Date | null): string {
  return time === null ? '' : `${time.toISOString().slice(0, 19)}Z`;
}
