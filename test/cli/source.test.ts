import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CRAWL_SOURCES } from '../../src/core/record.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { useCli } from './run.ts';

const { run, folder } = useCli();
const env = { SEINE_CRAWL_DELAY_MS: '0' };
const TEXT = 'A paragraph of plain words, long enough to be the main text of its page and nothing else. '.repeat(8);
const page = (title: string, links: readonly string[]): string =>
  `<html lang="en"><head><title>${title}</title></head><body><article><h1>${title}</h1><p>${TEXT}</p>${links
    .map((link) => `<a href="${link}">${link}</a>`)
    .join(' ')}</article></body></html>`;
const ITEM = `<item><title>One</title><link>http://HOST/one</link><description>${TEXT}</description></item>`;

let server: Server;
let host = '';
let asked: string[] = [];

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const bodies: Record<string, [type: string, body: string]> = {
      '/robots.txt': ['text/plain', 'User-agent: *\nDisallow: /private\n'],
      '/': ['text/html', page('Home', ['/a', '/private', '/missing', 'http://other.example/'])],
      '/a': ['text/html', page('A', ['/b'])],
      '/b': ['text/html', page('B', [])],
      '/feed.xml': ['application/rss+xml', `<rss version="2.0"><channel>${ITEM.replace('HOST', host)}</channel></rss>`],
    };
    const [type, body] = bodies[url] ?? ['text/html', ''];
    response.writeHead(body === '' ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

interface Shown {
  rows: DataRecord[];
  refused: { url: string; reason: string }[];
  pages: number;
  left: number;
}

describe('seine source list', () => {
  it('shows every source that can be crawled', async () => {
    const { stdout } = await run(['source', 'list', '--json']);
    const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual([...CRAWL_SOURCES]);
    expect((await run(['source', 'list'])).stdout).toMatch(/^hackernews +crawl, feed, search, fetch/m);
  });
});

describe('seine source try', () => {
  it('shows the rows of a site, and why pages gave none', async () => {
    const { exitCode, stdout } = await run(['source', 'try', `http://${host}/`, '--json'], env);
    const shown = JSON.parse(stdout) as Shown;
    expect(exitCode).toBe(0);
    expect(shown.rows.map(({ title }) => title).sort()).toEqual(['A', 'B', 'Home']);
    expect(shown.refused.sort((a, b) => (a.url < b.url ? -1 : 1))).toEqual([
      { url: `http://${host}/missing`, reason: 'status_404' },
      { url: `http://${host}/private`, reason: 'robots_disallowed' },
    ]);
    expect(asked).not.toContain('/private');
    const human = await run(['source', 'try', `http://${host}/`], env);
    expect(human.stdout).toContain('robots_disallowed');
    expect(human.stdout).toContain('3 rows of 5 pages; 0 links more would follow.');
  });

  it('fetches no more pages than it is told', async () => {
    asked = [];
    const { stdout } = await run(['source', 'try', `http://${host}/`, '--pages', '1', '--json'], env);
    expect(JSON.parse(stdout)).toMatchObject({ pages: 1, left: 3 });
    expect(asked.sort()).toEqual(['/', '/robots.txt']);
  });

  it('reads a feed as a job file says', async () => {
    const job = `id: feed\nsource: rss\nseeds: [http://${host}/feed.xml]\nallow_private: ["${host}"]\n`;
    writeFileSync(join(folder(), 'feed.yaml'), job);
    const { stdout } = await run(['source', 'try', 'feed.yaml', '--json'], env);
    expect((JSON.parse(stdout) as Shown).rows.map(({ url, source }) => [url, source])).toEqual([
      [`http://${host}/one`, 'rss'],
    ]);
  });

  it('connects to no private address that the job file does not allow', async () => {
    asked = [];
    writeFileSync(join(folder(), 'site.toml'), `id = "site"\nsource = "web"\nseeds = ["http://${host}/"]\n`);
    const { exitCode, stdout } = await run(['source', 'try', 'site.toml', '--json'], env);
    expect(exitCode).toBe(1);
    expect((JSON.parse(stdout) as Shown).rows).toEqual([]);
    expect(asked).toEqual([]);
  });

  it.each([
    ['a file that is not there', 'none.toml', /none\.toml can't be read/],
    ['what is neither file nor URL', 'docs', /neither a job file .* nor an http\(s\) URL/],
  ])('ends with 2 for %s', async (_, what, message) => {
    const { exitCode, stderr } = await run(['source', 'try', what], env);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('says all that is wrong with a job file', async () => {
    writeFileSync(join(folder(), 'bad.toml'), 'id = "A"\nsource = "wbe"\nsedes = []\n');
    const { exitCode, stderr } = await run(['source', 'try', 'bad.toml'], env);
    expect(exitCode).toBe(2);
    for (const said of ['3 things are wrong', 'id: should be', 'source: should be', 'did you mean seeds?'])
      expect(stderr).toContain(said);
  });
});
