import type { JobProblem } from '../config/job-file/errors.ts';
import { SeineError } from '../core/errors.ts';

/** Lines that a person still reads. */
const MOST_SHOWN = 50;

/** Everything that is wrong with a file that an operator wrote, at once. Each kind of file has a subclass. */
export abstract class FileRefused extends SeineError {
  readonly problems: readonly JobProblem[];

  /** @param isNo what it should have been, such as `list of tasks` */
  constructor(name: string, isNo: string, file: string, problems: readonly JobProblem[]) {
    const count = problems.length === 1 ? 'one thing is wrong' : `${problems.length} things are wrong`;
    const lines = problems.slice(0, MOST_SHOWN).map(({ place, why }) => `  ${place}: ${why}`);
    const more = problems.length > MOST_SHOWN ? `\n  and ${problems.length - MOST_SHOWN} more` : '';
    super(name, `${file} is no ${isNo}, ${count}:\n${lines.join('\n')}${more}`, {
      details: { file, problems },
      exitCode: 2,
    });
    this.problems = problems;
  }
}
