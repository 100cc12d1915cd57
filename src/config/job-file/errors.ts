import { SeineError } from '../../core/errors.ts';

/** One thing wrong with a job file. */
export interface JobProblem {
  /** The member, such as `politeness.delay_ms` or `seeds[2]`; for text that can't be read, its line. */
  place: string;
  /** What is wrong, and what to write. */
  why: string;
}

/** Everything that is wrong with a job file, at once. */
export class JobFileInvalid extends SeineError {
  readonly problems: readonly JobProblem[];

  constructor(file: string, problems: readonly JobProblem[]) {
    const count = problems.length === 1 ? 'one thing is wrong' : `${problems.length} things are wrong`;
    const lines = problems.slice(0, MOST_SHOWN).map(({ place, why }) => `  ${place}: ${why}`);
    const more = problems.length > MOST_SHOWN ? `\n  and ${problems.length - MOST_SHOWN} more` : '';
    super('JobFileInvalid', `${file} is no job file, ${count}:\n${lines.join('\n')}${more}`, {
      details: { file, problems },
      exitCode: 2,
    });
    this.problems = problems;
  }
}

/** Lines that a person still reads. */
const MOST_SHOWN = 50;
