import { z } from 'zod';
import { DEFAULT_DEPTH, DEFAULT_PER_DOMAIN, DEFAULT_PER_HOST } from '../../core/crawl-job.ts';
import { CRAWL_SOURCES } from '../../core/record.ts';
import { cronProblem } from './cron.ts';
import { secondsOf } from './duration.ts';
import { hostProblem } from './hosts.ts';

const DEFAULT_PAGES = 1000;
const YEAR_SECONDS = 366 * 86_400;

/** The message of a member that is missing, or is not what it should be. */
function should(what: string): (issue: { input?: unknown }) => string {
  return ({ input }) => (input === undefined ? `is missing: write ${what}` : `should be ${what}, got ${quote(input)}`);
}

function text(what: string, isRight: (value: string) => boolean = (value) => value !== '') {
  return z.string({ error: should(what) }).refine(isRight, { error: should(what) });
}

function number(what: string, min: number, max: number) {
  const error = should(`a whole number from ${min} to ${max} (${what})`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function list<Item extends z.ZodType>(item: Item, what: string) {
  return z.array(item, { error: should(what) });
}

function table<Shape extends z.ZodRawShape>(shape: Shape, name: string) {
  return z.strictObject(shape, { error: should(`a table of ${name}`) });
}

const duration = (min: number) => {
  const what = `a time such as 30s, 15m, 6h or 1d${min > 0 ? '' : ', or 0s'}, at most 366d`;
  const inRange = (value: string): boolean => {
    const seconds = secondsOf(value);
    return seconds !== null && seconds >= min && seconds <= YEAR_SECONDS;
  };
  return text(what, inRange).transform((value) => secondsOf(value) ?? 0);
};

const moment = z.union([z.iso.date(), z.iso.datetime()], {
  error: should('a date (2026-07-01) or a time in UTC (2026-07-01T12:00:00Z)'),
});

const host = z
  .string({ error: should('a host such as docs.example.org') })
  .refine((value) => hostProblem(value) === null, { error: ({ input }) => hostProblem(String(input)) ?? '' });

const cron = z
  .string({ error: should('a cron line such as "0 3 * * *"') })
  .refine((value) => cronProblem(value) === null, { error: ({ input }) => cronProblem(String(input)) ?? '' });

/** The form of a job file, member by member; what two members must have in common is in `cross-checks.ts`. */
export const jobFileSchema = table(
  {
    id: text('a name in lower-case letters, digits and hyphens, at most 64, such as docs-site', (value) =>
      /^[a-z0-9][a-z0-9-]{0,63}$/.test(value),
    ),
    source: z.enum(CRAWL_SOURCES, { error: should(`one of ${CRAWL_SOURCES.join(', ')}`) }),
    seeds: list(text('where to start, such as https://docs.example.org/'), 'a list of where to start').default([]),
    queries: list(text('a text to search for'), 'a list of texts to search for').default([]),
    hosts: list(host, 'a list of hosts').optional(),
    allow_private: list(host, 'a list of hosts').default([]),
    limits: table(
      {
        pages: number('fetched in one run', 1, 1_000_000_000).default(DEFAULT_PAGES),
        depth: number('links from a seed', 0, 1000).default(DEFAULT_DEPTH),
      },
      'limits',
    ).prefault({}),
    politeness: table(
      {
        delay_ms: number('between two requests to one host', 0, 600_000).nullable().default(null),
        per_host: number('requests to one host at a time', 1, 64).default(DEFAULT_PER_HOST),
        per_domain: number('requests to one domain at a time', 1, 256).default(DEFAULT_PER_DOMAIN),
      },
      'politeness',
    ).prefault({}),
    schedule: table(
      {
        every: duration(1).optional(),
        cron: cron.optional(),
        timezone: text('the IANA name of a time zone, such as Europe/Paris', isTimezone).default('UTC'),
        jitter: duration(0).default(0),
        from: moment.optional(),
        until: moment.optional(),
        runs: number('until the schedule ends', 1, 1_000_000).optional(),
      },
      'when to run',
    ).prefault({}),
    labels: z
      .record(
        z.string(),
        text('text', (value) => value.length <= 200),
        { error: should('a table of words') },
      )
      .default({}),
  },
  'a job: id, source, seeds, …',
);

export type JobFileShape = z.output<typeof jobFileSchema>;

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && /^[A-Z]/.test(name);
  } catch {
    return false;
  }
}

function quote(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= 80 ? json : `${json.slice(0, 79)}…`;
}
