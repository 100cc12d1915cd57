import { SeineError } from '../../src/core/errors.ts';

/** No job is scheduled under this name. */
export class ScheduleUnknown extends SeineError {
  constructor(job: string, known: readonly string[]) {
    const list = known.length === 0 ? 'none is scheduled yet' : `there are ${known.join(', ')}`;
    super('ScheduleUnknown', `no schedule of a job called ${job}: ${list}`, { details: { job, known }, exitCode: 2 });
  }
}

/** A schedule of this job is there already. */
export class ScheduleExists extends SeineError {
  constructor(job: string) {
    super(
      'ScheduleExists',
      `job ${job} is scheduled already: change it by "seine schedule update", or give the file another id`,
      { details: { job }, exitCode: 2 },
    );
  }
}

/** A schedule whose runs don't carry their job: an earlier version made it. */
export class ScheduleOutdated extends SeineError {
  constructor(id: string) {
    super(
      'ScheduleOutdated',
      `schedule ${id} was made by an earlier version: start "seine miner" once, which brings those of wanted jobs up to date, or delete it`,
      { details: { id } },
    );
  }
}

/** No run of the job is under way. */
export class NotCrawling extends SeineError {
  constructor(job: string) {
    super('NotCrawling', `job ${job} is not being crawled now: start a run by "seine schedule trigger ${job}"`, {
      details: { job },
    });
  }
}

/** The run that was asked for did not begin in time. */
export class RunNotStarted extends SeineError {
  constructor(job: string, waitedMs: number) {
    super('RunNotStarted', `Temporal began no run of job ${job} within ${waitedMs} ms`, {
      details: { job, waitedMs },
      remedy: 'retry',
    });
  }
}

/** No worker takes this hotkey's workflows, so that a run would not get on. */
export class MinerNotRunning extends SeineError {
  constructor(hotkey: string) {
    super('MinerNotRunning', `no miner of ${hotkey} is running: start "seine miner" with the same settings`, {
      details: { hotkey },
      exitCode: 3,
    });
  }
}
