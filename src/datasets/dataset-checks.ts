import { InvalidInputError, messageOf } from '../core/errors.ts';

/** One thing that was looked at, and what came of it. */
export interface Check {
  /** What was checked, `file data/train-00000-of-00001.parquet`. */
  name: string;
  ok: boolean;
  /** What was found: a count or a digest where it holds, the fault where it doesn't. */
  why: string;
}

/** Collects checks in the order they were made. */
export interface CheckList {
  readonly checks: Check[];
  /** Notes what `look` finds: its text where it holds, its error where it throws. True where it holds. */
  run(name: string, look: () => Promise<string> | string): Promise<boolean>;
}

export function createCheckList(): CheckList {
  const checks: Check[] = [];
  return {
    checks,
    async run(name, look) {
      try {
        checks.push({ name, ok: true, why: await look() });
        return true;
      } catch (error) {
        checks.push({ name, ok: false, why: messageOf(error) });
        return false;
      }
    },
  };
}

/** Throws InvalidInputError where what is stated isn't what was found. */
export function expectSame(what: string, stated: string | number, found: string | number): void {
  if (stated !== found) throw new InvalidInputError(`${what}: ${stated} is stated, ${found} was found`);
}
