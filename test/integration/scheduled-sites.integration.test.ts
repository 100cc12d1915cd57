import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { parseJobFile } from '../../src/config/job-file/parse-job-file.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { createCrawlControl } from '../../temporal/job-schedules/crawl-control.ts';
import type { CrawlControl } from '../../temporal/job-schedules/crawl-control.ts';
import { createJobSchedules } from '../../temporal/job-schedules/job-schedules.ts';
import type { JobSchedules } from '../../temporal/job-schedules/job-schedules.ts';
import type { ScrapeProgress } from '../../workflows/scrape-progress.ts';
import { generatedSites } from '../support/generated-sites.ts';
import type { GeneratedSite } from '../support/generated-sites.ts';
import { createScrapingWorkers } from '../support/scraping-workers.ts';
import type { ScrapingWorkers } from '../support/scraping-workers.ts';
import { sealedRows } from '../support/sealed-rows.ts';
import { siteFindings } from '../support/site-findings.ts';
import { serveSite } from '../support/site-server.ts';
import type { SiteServer } from '../support/site-server.ts';
import { useStack } from '../support/stack.ts';

/* From a job file through a schedule, its workflow and a miner's workers into Parquet: sites that nobody here wrote. */

interface Served extends SiteServer, GeneratedSite {}

const BATCH_PAGES = 25;
let dir: string;
let hotkey: string;
let workers: ScrapingWorkers;
let running: Promise<void>;
let schedules: JobSchedules;
let control: CrawlControl;
let docs: Served;
let blog: Served;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-scheduled-'));
  const signer = await openDevelopmentKey({ uri: `//Sites${Date.now()}`, development: true });
  hotkey = signer.address;
  const { redisState: redisUrl, temporal } = useStack();
  workers = await createScrapingWorkers({ dir, redisUrl, temporal, signer });
  running = workers.run();
  schedules = createJobSchedules(workers.client, { hotkey, netuid: 1, batchPages: BATCH_PAGES, parallel: 2 });
  control = createCrawlControl(workers.client, hotkey, schedules);
  const sites = await generatedSites();
  docs = { ...sites.docs, ...(await serveSite(sites.docs.folder)) };
  blog = { ...sites.blog, ...(await serveSite(sites.blog.folder)) };
});

afterAll(async () => {
  // No worker here has a chain: what was sealed would wait for its commitment for ever.
  const isSealed = (await workers.outbox.waiting()).length > 0;
  if (isSealed) await workers.client.workflow.getHandle(`publish-1-${hotkey.slice(0, 8)}`).terminate();
  workers.shutdown();
  await running;
  await workers.close();
  docs.close();
  blog.close();
  await rm(dir, { recursive: true, force: true });
});

/** Schedules the job of a file. */
async function schedule(text: string, file: string): Promise<string> {
  const { job, schedule } = parseJobFile(text, file);
  await schedules.create({ job, schedule, origin: 'file' });
  return job.id;
}

/** Runs a scheduled job once, to its end. */
async function runNow(job: string): Promise<ScrapeProgress> {
  // A schedule hears of the end of its run a moment later.
  await expect.poll(async () => (await schedules.show(job)).running, { timeout: 30_000 }).toEqual([]);
  const { run, started } = await schedules.trigger(job);
  expect(started).toBe(true);
  return await control.follow(run, () => undefined);
}

const rowsOf = (job: string): Promise<DataRecord[]> => sealedRows({ ...workers, job });

const pathsOf = (rows: readonly DataRecord[], { origin }: Served): string[] =>
  rows.map(({ url }) => decodeURI(url.slice(origin.length))).sort();

/** That a job, run once more, finds nothing that it has not sealed. */
async function expectNothingNew(job: string): Promise<void> {
  const sealed = await workers.outbox.waiting();
  const { rows } = await workers.outbox.counts();
  expect(await runNow(job)).toMatchObject({ state: 'done', sealed: 0, manifest: null });
  expect(await workers.outbox.waiting()).toEqual(sealed);
  expect((await workers.outbox.counts()).rows).toBe(rows);
  expect(await schedules.show(job)).toMatchObject({ taken: 2 });
}

describe('a scheduled job', () => {
  it('of a documentation by MkDocs, in TOML, seals every page with all of its text, once', async () => {
    const job = await schedule(
      `id = "docs"
source = "web"
seeds = ["${docs.origin}/"]
allow_private = ["${docs.host}"]
limits = { pages = 500 }

[politeness]
delay_ms = 0

[schedule]
cron = "0 3 1 1 *"
timezone = "Europe/Paris"
`,
      'docs.toml',
    );
    // Neither its sitemap nor any of its pages leads to these two.
    const linked = docs.pages.filter((path) => path !== '/404.html' && path !== '/search.html');
    expect(linked.length).toBeGreaterThan(70);
    expect(await runNow(job)).toMatchObject({ state: 'done', sealed: linked.length, duplicates: 0 });
    const rows = await rowsOf(job);
    expect(pathsOf(rows, docs)).toEqual(linked.sort());
    expect(siteFindings(rows, docs)).toEqual([]);
    await expectNothingNew(job);
  });

  it('of a blog by Pelican, in YAML, seals every post and list with all of its text, once', async () => {
    const job = await schedule(
      `id: blog
source: web
seeds:
  - ${blog.origin}/
allow_private: ['${blog.host}']
politeness:
  delay_ms: 0
  per_host: 4
schedule:
  every: 1d
  from: 2099-01-01
labels:
  made-by: Pelican
`,
      'blog.yaml',
    );
    expect(blog.documents.length).toBeGreaterThan(40);
    expect(await runNow(job)).toMatchObject({ state: 'done', sealed: blog.pages.length, duplicates: 0, failed: {} });
    const rows = await rowsOf(job);
    expect(pathsOf(rows, blog)).toEqual([...blog.pages].sort());
    expect(siteFindings(rows, blog)).toEqual([]);
    await expectNothingNew(job);
  });

  it("of that blog's feed seals every post with all of its text, once", async () => {
    const job = await schedule(
      `id: posts
source: rss
seeds: [${blog.origin}/feeds/all.atom.xml]
allow_private: ['${blog.host}']
politeness: { delay_ms: 0 }
`,
      'posts.yml',
    );
    expect(await runNow(job)).toMatchObject({ state: 'done', sealed: blog.documents.length, duplicates: 0 });
    const rows = await rowsOf(job);
    expect(pathsOf(rows, blog)).toEqual(blog.documents.map(({ path }) => path).sort());
    const facts = rows.map(({ source, url, title, created_at }) => ({ source, url, title, created_at }));
    for (const { path, title, createdAt } of blog.documents) {
      expect(facts).toContainEqual({ source: 'rss', url: blog.origin + path, title, created_at: createdAt });
    }
    expect(siteFindings(rows, blog)).toEqual([]);
    await expectNothingNew(job);
  });
});
