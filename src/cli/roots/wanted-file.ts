import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, SeineError } from '../../core/errors.ts';
import { CRAWL_SOURCES } from '../../core/record.ts';
import { MAX_JOB_WEIGHT_PPM, momentUs } from '../../core/wanted.ts';
import type { WantedList } from '../../core/wanted.ts';
import { startFaults } from '../../scrapers/start-faults.ts';

const host = z.string().regex(/^[^\s/@]+$/, 'a host or host:port, as URLs spell it');
const moment = z.union([z.iso.date(), z.iso.datetime()], 'a date (2026-07-01) or a time in UTC (2026-07-01T12:00:00Z)');

const wantedJob = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and hyphens'),
    source: z.enum(CRAWL_SOURCES),
    seeds: z.array(z.string().min(1)),
    hosts: z.array(host).min(1),
    queries: z.array(z.string().min(1)).optional(),
    from: moment.optional(),
    until: moment.optional(),
    allow_private: z.array(host).default([]),
    max_pages: z.int().min(1),
    pool: z.string().default('data'),
    weight_ppm: z.int().min(0).max(MAX_JOB_WEIGHT_PPM),
  })
  .refine(({ from, until }) => from === undefined || until === undefined || momentUs(from) < momentUs(until), {
    message: 'it ends before it begins',
    path: ['until'],
    // Also where other members are wrong, so that all of it is said at once.
    when: ({ value }) => hasDates(value),
  })
  .check(({ value, issues }) => {
    for (const fault of startFaults({ ...value, queries: value.queries ?? [] })) {
      issues.push({ code: 'custom', ...fault, input: value.seeds });
    }
  });

const wantedList = z.strictObject({
  version: z.literal(1),
  jobs: z
    .array(wantedJob)
    .min(1)
    .refine((jobs) => twiceIn(jobs) === undefined, {
      error: ({ input }) => `two jobs are called ${twiceIn(input)}`,
      when: ({ value }) => Array.isArray(value),
    }),
});

/** The list of wanted jobs can't be had. */
class WantedRefused extends SeineError {
  constructor(path: string, why: string) {
    super('WantedRefused', `${path} is no list of wanted jobs: ${why}`, { details: { path }, exitCode: 2 });
  }
}

/** Reads the list of wanted jobs. Throws a SeineError that names the member that is wrong. */
export async function readWanted(path: string | null): Promise<WantedList> {
  const named = wantedPath(path);
  return parseWanted(await readWantedText(named), named);
}

/** The file that the settings name. Throws a SeineError where they name none. */
export function wantedPath(path: string | null): string {
  if (path !== null) return path;
  const message = 'no list of wanted jobs: set wanted.file (SEINE_WANTED_FILE)';
  throw new SeineError('WantedMissing', message, { exitCode: 2 });
}

/** The file as it stands. Throws a SeineError where it can't be read. */
export async function readWantedText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw new WantedRefused(path, messageOf(error));
  });
}

/** Throws a SeineError with everything that is wrong. @param path names the file in errors */
export function parseWanted(text: string, path: string): WantedList {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new WantedRefused(path, messageOf(error));
  }
  const parsed = wantedList.safeParse(json);
  if (!parsed.success) throw new WantedRefused(path, z.prettifyError(parsed.error));
  return parsed.data;
}

/** The text of a list with one more job; the others stay as they are written. Throws where there is a list that is none. */
export function withJob(text: string | null, job: object, path: string): string {
  const list = text === null ? { version: 1, jobs: [] } : listIn(text, path);
  const added = `${JSON.stringify({ ...list, jobs: [...list.jobs, job] }, null, 2)}\n`;
  parseWanted(added, path);
  return added;
}

function listIn(text: string, path: string): { jobs: unknown[] } {
  parseWanted(text, path);
  return JSON.parse(text) as { jobs: unknown[] };
}

function twiceIn(jobs: unknown): string | undefined {
  const ids = (jobs as readonly { id?: unknown }[]).map((job) => (typeof job?.id === 'string' ? job.id : ''));
  return ids.find((id, index) => id !== '' && ids.indexOf(id) !== index);
}

function hasDates(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { from, until } = value as { from?: unknown; until?: unknown };
  return moment.safeParse(from).success && moment.safeParse(until).success;
}
