import { JOB_FILE_ENDINGS } from '../config/job-file/parse-job-file.ts';
import { DEFAULT_DEPTH, DEFAULT_PER_DOMAIN, DEFAULT_PER_HOST } from '../core/crawl-job.ts';
import type { CrawlJob } from '../core/crawl-job.ts';
import type { DataRecord } from '../core/record.ts';
import { hostOf } from '../core/wanted.ts';
import { EXIT } from './exit-codes.ts';
import { readJobFile } from './job-file.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** Fetches a few pages of a job file or a site, and shows what rows they would make. */
export async function trySourceOf(session: Session, what: string, { pages }: { pages: number }): Promise<number> {
  const { context, settings, out } = session;
  const { values } = settings;
  const job = await jobOf(context.cwd, what);
  const { trySource } = await import('./roots/try-source.ts');
  const [{ networkOptions }, { sourceOrigins }] = await Promise.all([
    import('./roots/network-options.ts'),
    import('./roots/source-origins.ts'),
  ]);
  const tried = await trySource(job, {
    pages: Math.min(pages, job.limits.pages),
    network: networkOptions(settings),
    origins: sourceOrigins(settings),
    crawlDelayMs: values['fetch.crawl_delay_ms'],
    onPage: (done) => out.progress({ step: `fetching ${job.id}`, done, total: pages, unit: 'pages' }),
  });
  if (tried.rows.length > 0) {
    out.table({
      columns: ['url', 'kind', 'title', 'characters', 'lang', 'created'],
      rows: tried.rows.map(rowCells),
    });
  }
  if (tried.refused.length > 0) {
    out.table({
      title: 'Without a row',
      columns: ['url', 'why'],
      rows: tried.refused.map(({ url, reason }) => [url, { text: reason, tone: 'warn' }]),
    });
  }
  out.line(
    `${tried.rows.length} rows of ${tried.pages} pages; ${tried.left} links more would follow. Nothing was kept.`,
  );
  out.json({ job, ...tried });
  return tried.rows.length > 0 ? EXIT.ok : EXIT.failure;
}

async function jobOf(cwd: string, what: string): Promise<CrawlJob> {
  if (!/^https?:\/\//.test(what)) {
    if (JOB_FILE_ENDINGS.some((ending) => what.endsWith(ending))) return (await readJobFile(cwd, what)).job;
    throw new UsageError(`${what} is neither a job file (${JOB_FILE_ENDINGS.join(', ')}) nor an http(s) URL`);
  }
  if (!URL.canParse(what)) throw new UsageError(`${what} is no URL`);
  const host = hostOf(what);
  return {
    ...{ id: 'try', source: 'web', seeds: [what], queries: [], hosts: [host], labels: {} },
    // Whoever names a private address on the command line allows it by name.
    allow_private: [host],
    limits: { pages: Number.MAX_SAFE_INTEGER, depth: DEFAULT_DEPTH },
    politeness: { delay_ms: null, per_host: DEFAULT_PER_HOST, per_domain: DEFAULT_PER_DOMAIN },
  };
}

function rowCells({ url, kind, title, text, lang, created_at: createdAt }: DataRecord): (string | number)[] {
  const created = createdAt === null ? '' : new Date(createdAt / 1000).toISOString().slice(0, 10);
  return [url, kind, (title ?? '').slice(0, MOST_TITLE), [...(text ?? '')].length, lang ?? '', created];
}

const MOST_TITLE = 60;
