import type { Parser } from './parsers.ts';

/** One row of the settings table. */
export interface Setting<T> {
  /** Name in the environment. */
  env: string;
  /** As a person would write it in the file; null is "not set". */
  fallback: string | number | boolean | null;
  parse: Parser<T>;
  /** One line for `seine config show` and the help. Units are in the name. */
  meaning: string;
  /** Never printed. */
  secret?: true;
  /** Names another setting whose value is taken where this one is not set and that one is. */
  follows?: string;
  /** Not allowed in the file: the file is found by it. */
  envOnly?: true;
}

export function setting<T>(
  env: string,
  fallback: Setting<T>['fallback'],
  parse: Parser<T>,
  meaning: string,
  more: Pick<Setting<T>, 'secret' | 'follows' | 'envOnly'> = {},
): Setting<T> {
  return { env, fallback, parse, meaning, ...more };
}

/** Range of a share in millionths. */
export const PPM = { min: 0, max: 1_000_000 };
