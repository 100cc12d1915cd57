import type { z } from 'zod';
import { MAX_JOB_BYTES } from '../../core/crawl-job.ts';
import type { CrawlJob } from '../../core/crawl-job.ts';
import type { JobSchedule } from '../../core/job-schedule.ts';
import { suggest } from '../suggest.ts';
import { crossProblems } from './cross-checks.ts';
import { JobFileInvalid } from './errors.ts';
import type { JobProblem } from './errors.ts';
import { defaultHosts } from './hosts.ts';
import { readToml } from './read-toml.ts';
import { readYaml } from './read-yaml.ts';
import { jobFileSchema } from './schema.ts';
import type { JobFileShape } from './schema.ts';

/** What a job file says: what to crawl, and when. */
export interface JobFile {
  job: CrawlJob;
  schedule: JobSchedule;
}

/** The endings by which a job file is known; a dataset's recipe ends with `.json`. */
export const JOB_FILE_ENDINGS = ['.toml', '.yaml', '.yml'];

/**
 * Reads a job file, TOML or YAML by its ending.
 * @param file names the file in errors
 * @throws JobFileInvalid with everything that is wrong
 */
export function parseJobFile(text: string, file: string): JobFile {
  const raw = rawJob(text, file);
  const parsed = jobFileSchema.safeParse(raw);
  const own = parsed.success ? [] : parsed.error.issues.flatMap(problemsOf);
  const problems = [...own, ...crossProblems(raw)];
  if (problems.length > 0 || !parsed.success) throw new JobFileInvalid(file, problems);
  return jobFileOf(parsed.data);
}

function jobFileOf({ schedule, hosts, ...job }: JobFileShape): JobFile {
  const { every, cron, timezone, jitter, from, until, runs } = schedule;
  return {
    job: { ...job, hosts: hosts ?? defaultHosts(job.source, job.seeds) },
    schedule: {
      ...{ every_seconds: every ?? null, cron: cron ?? null, timezone, jitter_seconds: jitter },
      ...{ from: from ?? null, until: until ?? null, runs: runs ?? null },
    },
  };
}

function rawJob(text: string, file: string): unknown {
  const ending = JOB_FILE_ENDINGS.find((item) => file.endsWith(item));
  const sizeBytes = Buffer.byteLength(text);
  const problems = [
    ...(ending === undefined ? [{ place: 'name', why: `should end with ${JOB_FILE_ENDINGS.join(', ')}` }] : []),
    ...(sizeBytes > MAX_JOB_BYTES
      ? [{ place: 'size', why: `${sizeBytes} bytes, at most ${MAX_JOB_BYTES} are read` }]
      : []),
  ];
  if (problems.length > 0) throw new JobFileInvalid(file, problems);
  const read = ending === '.toml' ? readToml(text) : readYaml(text);
  if ('problems' in read) throw new JobFileInvalid(file, read.problems);
  return read.value;
}

function problemsOf(issue: z.core.$ZodIssue): JobProblem[] {
  const place = placeOf(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ place: place === '' ? 'file' : place, why: issue.message }];
  const known = KNOWN[place] ?? [];
  return issue.keys.map((key) => {
    const meant = suggest(key, known);
    const hint = meant === null ? `known are ${known.join(', ')}` : `did you mean ${meant}?`;
    return { place: placeOf([...issue.path, key.slice(0, 80)]), why: `no such member; ${hint}` };
  });
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((place, key) => {
    if (typeof key === 'number') return `${place}[${key}]`;
    return place === '' ? String(key) : `${place}.${String(key)}`;
  }, '');
}

/** Names of the members of each table, by its place. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(jobFileSchema.shape),
  limits: Object.keys(jobFileSchema.shape.limits.unwrap().shape),
  politeness: Object.keys(jobFileSchema.shape.politeness.unwrap().shape),
  schedule: Object.keys(jobFileSchema.shape.schedule.unwrap().shape),
};
