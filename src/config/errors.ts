import { SeineError } from '../core/errors.ts';

/** One thing wrong with the settings. */
export interface SettingProblem {
  /** The setting as it was written, or the file. */
  key: string;
  /** Where it was written: `environment`, the file's path, `--set`. */
  place: string;
  why: string;
}

/** Everything that is wrong with the settings, at once. */
export class SettingsInvalid extends SeineError {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    const lines = problems.map(({ key, place, why }) => `  ${key} (${place}): ${why}`);
    const count = problems.length === 1 ? 'A setting is wrong' : `${problems.length} settings are wrong`;
    super(
      'SettingsInvalid',
      `${count}:\n${lines.join('\n')}\nSee "seine config show" for all names and what they mean.`,
      {
        details: { problems },
        exitCode: 2,
      },
    );
    this.problems = problems;
  }
}
