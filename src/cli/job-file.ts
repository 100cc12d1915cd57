import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseJobFile } from '../config/job-file/parse-job-file.ts';
import type { JobFile } from '../config/job-file/parse-job-file.ts';
import { messageOf } from '../core/errors.ts';
import { UsageError } from './usage-error.ts';

/** Reads the job file that an argument names. @throws JobFileInvalid with everything that is wrong, UsageError where it can't be read */
export async function readJobFile(cwd: string, file: string): Promise<JobFile> {
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} can't be read: ${messageOf(error)}`, { file });
  });
  return parseJobFile(text, basename(file));
}
