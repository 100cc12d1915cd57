import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { JobFileInvalid } from '../../../src/config/job-file/errors.ts';
import { JOB_FILE_ENDINGS, parseJobFile } from '../../../src/config/job-file/parse-job-file.ts';

const RECIPES = new URL('../../../datasets/recipes/', import.meta.url);
const MINIMAL = 'id = "docs"\nsource = "web"\nseeds = ["https://docs.example.org/"]\n';

function problems(text: string, file = 'job.toml'): string[] {
  try {
    parseJobFile(text, file);
  } catch (error) {
    if (error instanceof JobFileInvalid) return error.problems.map(({ place, why }) => `${place}: ${why}`);
    throw error;
  }
  return [];
}

describe('examples', () => {
  const files = readdirSync(RECIPES).filter((name) => JOB_FILE_ENDINGS.some((ending) => name.endsWith(ending)));

  it('are there in both forms', () => {
    expect(files.sort()).toEqual(['blog-feed.yaml', 'docs-site.toml', 'hacker-news.toml']);
  });

  it.each(files)('%s is a job file whose id is its name', (name) => {
    const { job, schedule } = parseJobFile(readFileSync(new URL(name, RECIPES), 'utf8'), name);
    expect(job.id).toBe(name.replace(/\.\w+$/, ''));
    expect(schedule.every_seconds ?? schedule.cron).not.toBeNull();
  });
});

it('is described by a page whose example is one', () => {
  const page = readFileSync(new URL('../../../docs/jobs.md', import.meta.url), 'utf8');
  const [, example = ''] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
  const { job, schedule } = parseJobFile(example, 'example.yaml');
  expect(job).toMatchObject({ id: 'docs-site', politeness: { delay_ms: 500 }, labels: { team: 'docs' } });
  expect(schedule).toMatchObject({ cron: '0 3 * * *', jitter_seconds: 600, runs: 100 });
});

describe('a job file', () => {
  it('may be small', () => {
    expect(parseJobFile(MINIMAL, 'job.toml')).toEqual({
      job: {
        ...{ id: 'docs', source: 'web', seeds: ['https://docs.example.org/'], queries: [] },
        ...{ hosts: ['docs.example.org'], allow_private: [], labels: {} },
        limits: { pages: 1000, depth: 50 },
        politeness: { delay_ms: null, per_host: 8, per_domain: 16 },
      },
      schedule: {
        ...{ every_seconds: null, cron: null, timezone: 'UTC', jitter_seconds: 0 },
        ...{ from: null, until: null, runs: null },
      },
    });
  });

  it('says the same in TOML and YAML', () => {
    const toml = `${MINIMAL}hosts = ["docs.example.org", "127.0.0.1:8080"]\nallow_private = ["127.0.0.1:8080"]
      [limits]\npages = 7\ndepth = 0
      [politeness]\ndelay_ms = 0\nper_host = 1\nper_domain = 2
      [schedule]\nevery = "1h30m"\njitter = "90s"\nfrom = 2026-07-01\nuntil = 2026-08-01T12:00:00Z\nruns = 3
      [labels]\nteam = "a b"\n`;
    const yaml = `id: docs\nsource: web\nseeds: [https://docs.example.org/]\nhosts: [docs.example.org, "127.0.0.1:8080"]
allow_private: ["127.0.0.1:8080"]\nlimits: { pages: 7, depth: 0 }\npoliteness: { delay_ms: 0, per_host: 1, per_domain: 2 }
schedule: { every: 1h30m, jitter: 90s, from: 2026-07-01, until: "2026-08-01T12:00:00Z", runs: 3 }\nlabels: { team: a b }\n`;
    const parsed = parseJobFile(toml, 'job.toml');
    expect(parseJobFile(yaml, 'job.yml')).toEqual({
      ...parsed,
      schedule: { ...parsed.schedule, until: '2026-08-01T12:00:00Z' },
    });
    expect(parsed.schedule).toMatchObject({ every_seconds: 5400, jitter_seconds: 90, from: '2026-07-01', runs: 3 });
    expect(parsed.job.limits).toEqual({ pages: 7, depth: 0 });
  });

  it('knows the hosts of a source that is one service', () => {
    const { job } = parseJobFile('id: hn\nsource: hackernews\nqueries: [data]\n', 'job.yaml');
    expect(job.hosts).toContain('news.ycombinator.com');
  });
});

describe('errors', () => {
  it('are said all at once, each with its place', () => {
    const text = `id = "Docs Site"\nsource = "webb"\nseeds = 3\nhosts = ["https://A.example/x"]\nsedes = []
      [limits]\npages = 0\nperiod = 1
      [politeness]\ndelay_ms = "1s"
      [schedule]\nevery = "6 hours"\ncron = "61 * * * *"
      [labels]\nteam = 4\n`;
    const places = problems(text).map((line) => line.split(': ')[0]);
    expect(places.sort()).toEqual(
      [
        ...['hosts[0]', 'id', 'labels.team', 'limits.pages', 'limits.period', 'politeness.delay_ms'],
        ...['schedule.cron', 'schedule.cron', 'schedule.every', 'sedes', 'seeds', 'source'],
      ].sort(),
    );
  });

  it.each([
    ['an unknown member', `${MINIMAL}lables = {}`, 'lables: no such member; did you mean labels?'],
    [
      'an unknown member of a table',
      `${MINIMAL}[politeness]\ndelay = 1`,
      'politeness.delay: no such member; known are delay_ms, per_host, per_domain',
    ],
    ['a missing id', 'source = "web"\nseeds = ["http://a/"]', 'id: is missing: write a name in lower-case'],
    ['a missing source', 'id = "a"\nseeds = ["http://a/"]', 'source: is missing: write one of web, rss, hackernews'],
    ['no seeds', 'id = "a"\nsource = "web"', 'seeds: nothing to start from: write seeds = ["https://…"]'],
    ['empty seeds', 'id = "a"\nsource = "rss"\nseeds = []', 'seeds: nothing to start from'],
    [
      'nothing to ask Hacker News',
      'id = "a"\nsource = "hackernews"',
      'seeds: nothing to start from: write seeds such as ["topstories"], or queries',
    ],
    [
      'a seed that is no URL',
      'id = "a"\nsource = "web"\nseeds = ["https://a/", "ftp://x"]',
      'seeds[1]: should be an http(s) URL such as https://docs.example.org/, got "ftp://x"',
    ],
    ['queries of the web', `${MINIMAL}queries = ["x"]`, "queries: web can't search: leave them out"],
    [
      'a seed of another host',
      `${MINIMAL}hosts = ["b.example"]`,
      'seeds[0]: its host is not in hosts: add docs.example.org there',
    ],
    ['no hosts', `${MINIMAL}hosts = []`, 'hosts: no host may be fetched from'],
    [
      'a host as a URL',
      `${MINIMAL}hosts = ["https://docs.example.org/x"]`,
      'hosts[0]: got "https://docs.example.org/x": write it as URLs spell it, docs.example.org',
    ],
    ['a host in capitals', `${MINIMAL}hosts = ["Docs.example.org"]`, 'write it as URLs spell it, docs.example.org'],
    [
      'a host with its usual port',
      `${MINIMAL}hosts = ["docs.example.org:443"]`,
      'write it as URLs spell it, docs.example.org',
    ],
    ['what is no host', `${MINIMAL}hosts = ["a b"]`, 'hosts[0]: should be a host such as docs.example.org, got "a b"'],
    [
      'a private host that is none of the job',
      `${MINIMAL}allow_private = ["127.0.0.1:1"]`,
      "allow_private[0]: 127.0.0.1:1 is none of the job's hosts",
    ],
    [
      'a fraction',
      `${MINIMAL}[limits]\ndepth = 1.5`,
      'limits.depth: should be a whole number from 0 to 1000 (links from a seed), got 1.5',
    ],
    ['too many pages', `${MINIMAL}[limits]\npages = 1000000001`, 'limits.pages: should be a whole number from 1'],
    [
      'no requests at all',
      `${MINIMAL}[politeness]\nper_host = 0`,
      'politeness.per_host: should be a whole number from 1 to 64',
    ],
    [
      'an interval without its unit',
      `${MINIMAL}[schedule]\nevery = 6`,
      'schedule.every: should be a time such as 30s, 15m, 6h or 1d, at most 366d, got 6',
    ],
    ['an interval of nothing', `${MINIMAL}[schedule]\nevery = "0s"`, 'schedule.every: should be a time'],
    ['an endless interval', `${MINIMAL}[schedule]\nevery = "367d"`, 'schedule.every: should be a time'],
    [
      'two whens',
      `${MINIMAL}[schedule]\nevery = "6h"\ncron = "0 3 * * *"`,
      'schedule.cron: every says when already: leave one',
    ],
    ['a cron line of four fields', `${MINIMAL}[schedule]\ncron = "0 3 * *"`, 'schedule.cron: should have five fields'],
    [
      'a cron line of the 25th hour',
      `${MINIMAL}[schedule]\ncron = "0 25 * * *"`,
      'schedule.cron: "25" is no hour: write 0 to 23',
    ],
    [
      'a time zone of nowhere',
      `${MINIMAL}[schedule]\ncron = "0 3 * * *"\ntimezone = "Mars/Olympus"`,
      'schedule.timezone: should be the IANA name of a time zone, such as Europe/Paris, got "Mars/Olympus"',
    ],
    [
      'a time zone of an interval',
      `${MINIMAL}[schedule]\nevery = "6h"\ntimezone = "UTC"`,
      'schedule.timezone: is for cron only',
    ],
    [
      'a time that is none',
      `${MINIMAL}[schedule]\nevery = "6h"\nfrom = "soon"`,
      'schedule.from: should be a date (2026-07-01) or a time in UTC',
    ],
    [
      'an end before the beginning',
      `${MINIMAL}[schedule]\nevery = "6h"\nfrom = 2026-07-02\nuntil = 2026-07-01`,
      'schedule.until: it ends before it begins',
    ],
    ['runs of nothing', `${MINIMAL}[schedule]\nruns = 3`, 'schedule.runs: there is nothing to run: write every = "6h"'],
    ['no runs', `${MINIMAL}[schedule]\nevery = "6h"\nruns = 0`, 'schedule.runs: should be a whole number from 1'],
    ['a table that is none', `limits = 3\n${MINIMAL}`, 'limits: should be a table of limits, got 3'],
    ['TOML that is none', 'id = \n', 'line 1, column'],
    ['a member twice', 'id = "a"\nid = "b"\n', 'line 2'],
  ])('name %s', (_, text, message) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it.each([
    ['YAML that is none', 'id: [a\nsource: }', /^line \d+, column \d+: /],
    ['a member twice', 'id: a\nid: b\n', /^line 2, column 1: Map keys must be unique/],
    ['two documents', 'id: a\n---\nid: b\n', /multiple documents/i],
    ['a list in place of a job', '- a\n', /^file: should be a table of a job/],
    ['an empty file', '', /^file: should be a table of a job/],
    [
      'aliases that grow',
      `a: &a [x,x]\nb: &b [${'*a,'.repeat(30)}]\nc: [${'*b,'.repeat(30)}]\n`,
      /^file: can't be read: /,
    ],
    [
      'a member of the prototype',
      `${'__proto__'}: {id: a}\nid: a\nsource: rss\nseeds: [http://a/]\n`,
      /no such member/,
    ],
  ])('of YAML name %s', (_, text, message) => {
    expect(problems(text, 'job.yaml')[0]).toMatch(message);
  });

  it.each(['[', '{', '- ', '? '])('name %j without end, which would exhaust the stack', (item) => {
    expect(problems(`id: a\nx:\n  ${item.repeat(40_000)}`, 'job.yaml')).toEqual(['line 3: nested more than 16 deep']);
  });

  it('refuse other endings and large files before they are read', () => {
    expect(problems(MINIMAL, 'job.json')[0]).toContain('name: should end with .toml, .yaml, .yml');
    expect(problems(`${MINIMAL}# ${'x'.repeat(100_000)}`)[0]).toMatch(/^size: \d+ bytes, at most 100000 are read/);
  });
});
