import { dirname, resolve } from 'node:path';
import type { JobProblem } from '../../config/job-file/errors.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { problemOf, readFileText } from '../file-text.ts';
import { openWatchedFile } from '../watched-file.ts';
import type { WatchedFile, WatchedFileOptions } from '../watched-file.ts';
import { checkersFileSchema, specOf } from './checkers-schema.ts';
import type { CheckersEntry, CheckerSpec } from './checkers-schema.ts';
import { CheckersRefused } from './checkers-errors.ts';

/** What a file of checkers says. */
export interface CheckersFile {
  /** Of tasks that `tasks` does not name. */
  base: CheckerSpec;
  tasks: ReadonlyMap<string, CheckerSpec>;
}

/** Variables that entries name keys by. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a file of checkers, TOML or JSON by its ending. Files that it names lie beside it, unless their paths are whole.
 * @throws CheckersRefused with everything that is wrong
 */
export function parseCheckers(text: string, file: string, environment: Environment): CheckersFile {
  const read = readFileText(text, file);
  if ('problems' in read) throw new CheckersRefused(file, read.problems);
  const parsed = checkersFileSchema.safeParse(read.value);
  if (!parsed.success) {
    throw new CheckersRefused(
      file,
      parsed.error.issues.map((issue) => problemOf(issue, '')),
    );
  }
  const { default: base, tasks } = parsed.data;
  const problems = [
    ...entryProblems(base, base, 'default', environment),
    ...Object.entries(tasks).flatMap(([name, entry]) => entryProblems(entry, base, `tasks.${name}`, environment)),
  ];
  if (problems.length > 0) throw new CheckersRefused(file, problems);
  const folder = dirname(file);
  return {
    base: placed(specOf(base, {}), folder),
    tasks: new Map(Object.entries(tasks).map(([name, entry]) => [name, placed(specOf(entry, base), folder)])),
  };
}

/** Reads a file of checkers and watches it. Throws CheckersRefused where its first version is none. */
export async function openCheckersFile({
  environment,
  ...options
}: Pick<WatchedFileOptions<CheckersFile>, 'path' | 'pollMs' | 'onChange' | 'onRefused'> & {
  environment: Environment;
}): Promise<WatchedFile<CheckersFile>> {
  return await openWatchedFile<CheckersFile>({
    ...options,
    parse: (text, path) => parseCheckers(text, path, environment),
    refuse: (path, problems) => new CheckersRefused(path, problems),
    isSame: (before, next) => canonicalText(before) === canonicalText(next),
  });
}

function entryProblems(
  entry: CheckersEntry,
  base: CheckersEntry,
  place: string,
  environment: Environment,
): JobProblem[] {
  const { backend, encoder } = specOf(entry, base);
  const problems: JobProblem[] = [];
  const needsKey = (member: string, variable: string | undefined): void => {
    if (variable === undefined || (environment[variable] ?? '') !== '') return;
    problems.push({ place: `${place}.${member}.api_key_env`, why: `the environment variable ${variable} is not set` });
  };
  if (entry.backend?.kind === 'openai') needsKey('backend', entry.backend.api_key_env);
  needsKey('judge', entry.judge?.api_key_env);
  if (entry.prefill !== undefined && backend === null) {
    problems.push({ place: `${place}.prefill`, why: 'there is no backend that it could be had of' });
  }
  if (entry.prefill?.chat !== undefined && entry.prefill.way === 'vllm') {
    problems.push({ place: `${place}.prefill.chat`, why: 'is for the way echo: vllm has its own templates' });
  }
  if (entry.prefill !== undefined && entry.backend?.kind === 'embedded') {
    problems.push({ place: `${place}.prefill`, why: 'an embedded model reads answers by itself: leave it out' });
  }
  if (entry.aesthetic_file !== undefined && encoder === null) {
    problems.push({ place: `${place}.aesthetic_file`, why: 'needs an encoder, whose embedding it is over' });
  }
  return problems;
}

function placed(spec: CheckerSpec, folder: string): CheckerSpec {
  const { backend, encoder, aesthetic_file: aesthetic } = spec;
  return {
    ...spec,
    backend: backend?.kind === 'embedded' ? { ...backend, model_file: resolve(folder, backend.model_file) } : backend,
    encoder: encoder?.kind === 'onnx' ? { ...encoder, file: resolve(folder, encoder.file) } : encoder,
    aesthetic_file: aesthetic === null ? null : resolve(folder, aesthetic),
  };
}

function canonicalText({ base, tasks }: CheckersFile): string {
  return canonicalJson({ base, tasks: Object.fromEntries(tasks) });
}
