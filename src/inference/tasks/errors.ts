import type { JobProblem } from '../../config/job-file/errors.ts';
import { SeineError } from '../../core/errors.ts';

/** Lines that a person still reads. */
const MOST_SHOWN = 50;

/** Everything that is wrong with a file of tasks, at once. */
export class TasksRefused extends SeineError {
  readonly problems: readonly JobProblem[];

  constructor(file: string, problems: readonly JobProblem[]) {
    const count = problems.length === 1 ? 'one thing is wrong' : `${problems.length} things are wrong`;
    const lines = problems.slice(0, MOST_SHOWN).map(({ place, why }) => `  ${place}: ${why}`);
    super('TasksRefused', `${file} is no list of tasks, ${count}:\n${lines.join('\n')}`, {
      details: { file, problems },
      exitCode: 2,
    });
    this.problems = problems;
  }
}
