import type { Command } from 'commander';
import { moment } from '../arguments.ts';
import {
  backfillSchedule,
  createSchedule,
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  updateSchedule,
} from '../schedules/change-schedules.ts';
import { listSchedules, showSchedule } from '../schedules/show-schedules.ts';
import { triggerSchedule } from '../schedules/trigger.ts';
import type { Act } from '../session.ts';

const JOB = 'id of the job';
const DRY_RUN = ['--dry-run', 'say what would be done; change nothing'] as const;

export function addScheduleCommands(program: Command, act: Act): void {
  const schedule = program
    .command('schedule')
    .helpCommand(false)
    .summary('when jobs are crawled')
    .description("When a miner's jobs are crawled: Temporal Schedules, which any of its workers can run.");
  schedule
    .command('create')
    .description('have the job of a job file crawled, when the file says')
    .argument('<file>', 'job file, TOML or YAML (examples in datasets/recipes)')
    .option('--run-now', 'start the first run at once')
    .option(...DRY_RUN)
    .action(act(createSchedule));
  schedule.command('list').description('all schedules of this hotkey').action(act(listSchedules));
  schedule
    .command('show')
    .alias('describe')
    .description('what a schedule crawls, when, and how its last run was called')
    .argument('<job>', JOB)
    .action(act(showSchedule));
  schedule
    .command('update')
    .description("crawl what a job file says now, at the file's times; a run that is under way ends as it began")
    .argument('<file>', 'job file with the id of a scheduled job')
    .option(...DRY_RUN)
    .action(act(updateSchedule));
  schedule
    .command('pause')
    .description('begin no run until it is resumed')
    .argument('<job>', JOB)
    .option('--note <text>', 'why, for whoever looks at it')
    .option(...DRY_RUN)
    .action(act(pauseSchedule));
  schedule
    .command('resume')
    .description('begin runs again')
    .argument('<job>', JOB)
    .option(...DRY_RUN)
    .action(act(resumeSchedule));
  schedule
    .command('trigger')
    .description('start a run now, paused or not')
    .argument('<job>', JOB)
    .option('--wait', 'show how it gets on until it ends, and what came of it')
    .option(...DRY_RUN)
    .action(act(triggerSchedule));
  schedule
    .command('backfill')
    .description('start a run for each time of the schedule in a span of the past, one after the other')
    .argument('<job>', JOB)
    .requiredOption('--from <when>', 'from this date or time on (2026-07-01, 2026-07-01T12:00:00Z)', moment)
    .option('--until <when>', 'until this date or time (else now)', moment)
    .option(...DRY_RUN)
    .action(act(backfillSchedule));
  schedule
    .command('delete')
    .description('crawl it no more; what was crawled stays, and a run that is under way goes on')
    .argument('<job>', JOB)
    .option(...DRY_RUN)
    .action(act(deleteSchedule));
}
